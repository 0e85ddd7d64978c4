// The verbs that exchange models with other programs; launch/frame/verbs.h has all others, and says
// what a verb is.
#pragma once

#include "launch/frame/verbs.h"

namespace lockstep {

ExitCode ExportVerb(const Arguments& arguments);  // a trained model -> other programs
ExitCode ImportVerb(const Arguments& arguments);  // a model of PyTorch -> a run

}  // namespace lockstep
