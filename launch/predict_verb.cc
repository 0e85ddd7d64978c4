#include "launch/verbs.h"

namespace lockstep {

ExitCode PredictVerb(const Arguments&) { throw UsageError("not there yet"); }

}  // namespace lockstep
