// `lockstep prepare text --task tag`: tagged sentences to a corpus.
#pragma once

#include "launch/frame/options.h"

namespace lockstep {

ExitCode PrepareTagsVerb(const Arguments& arguments);

}  // namespace lockstep
