// `lockstep prepare lm`: text -> n-gram language model for decoding.
#pragma once

#include "launch/frame/verbs.h"

namespace lockstep {

// The words behind `prepare lm`.
ExitCode PrepareLm(const Arguments& arguments);

}  // namespace lockstep
