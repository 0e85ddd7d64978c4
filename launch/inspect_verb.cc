#include "launch/verbs.h"

namespace lockstep {

ExitCode InspectVerb(const Arguments&) { throw UsageError("not there yet"); }

}  // namespace lockstep
