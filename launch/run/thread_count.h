// The option --threads of the verbs that compute with trained models.
#pragma once

#include "launch/frame/options.h"

namespace lockstep {

// The value of --threads, from 1 to kMostThreads; 1 if it was not given.
Index ThreadsOf(const Options& options);

}  // namespace lockstep
