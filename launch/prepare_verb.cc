#include "launch/verbs.h"

namespace lockstep {

ExitCode PrepareVerb(const Arguments&) { throw UsageError("not there yet"); }

}  // namespace lockstep
