// A member of an ensemble as the user names it.
#pragma once

#include <string>

#include "launch/run/trained_model.h"

namespace lockstep {

struct EnsembleMember {
  std::string run;
  CheckpointChoice checkpoint;
};

// Reads RUN or RUN:CHECKPOINT, where CHECKPOINT is a step, best, newest or average; the name of a
// folder may hold further colons. RUN alone takes the choice of --checkpoint, --average and
// --weights, which `common` is; with CHECKPOINT only the weights are taken from there. UsageError
// for an empty name and for a step of more than 12 digits.
EnsembleMember ParseEnsembleMember(const std::string& name, const CheckpointChoice& common);

}  // namespace lockstep
