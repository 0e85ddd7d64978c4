// `lockstep prepare protein`: proteins with one label per residue.
#pragma once

#include "launch/frame/options.h"

namespace lockstep {

ExitCode PrepareProteinVerb(const Arguments& arguments);

}  // namespace lockstep
