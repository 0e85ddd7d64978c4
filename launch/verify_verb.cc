#include "launch/verbs.h"

namespace lockstep {

ExitCode VerifyVerb(const Arguments&) { throw UsageError("not there yet"); }

}  // namespace lockstep
