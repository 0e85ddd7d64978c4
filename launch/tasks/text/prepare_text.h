// `lockstep prepare text`: texts with one label each to a corpus (docs/text.md).
#pragma once

#include "launch/frame/options.h"

namespace lockstep {

// `arguments` are those after the word text.
ExitCode PrepareTextVerb(const Arguments& arguments);

}  // namespace lockstep
