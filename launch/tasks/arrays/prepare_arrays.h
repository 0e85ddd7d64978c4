// `lockstep prepare arrays`: tables and arrays of numbers to a corpus (docs/arrays.md).
#pragma once

#include "launch/frame/options.h"

namespace lockstep {

// `arguments` are those after the word arrays.
ExitCode PrepareArraysVerb(const Arguments& arguments);

}  // namespace lockstep
