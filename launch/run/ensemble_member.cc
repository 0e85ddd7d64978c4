#include "launch/run/ensemble_member.h"

#include "base/error.h"

namespace lockstep {
namespace {

constexpr std::size_t kMostDigits = 12;  // of a step in the name of a checkpoint's file

// Whether what follows the last colon names a checkpoint; else it is part of a folder's name.
bool NamesCheckpoint(const std::string& name) {
  const bool is_step = !name.empty() && name.find_first_not_of("0123456789") == name.npos;
  return is_step || name == "best" || name == "newest" || name == "average";
}

}  // namespace

EnsembleMember ParseEnsembleMember(const std::string& name, const CheckpointChoice& common) {
  if (name.empty()) {
    throw UsageError(
        "--ensemble: the name of a run is empty; allowed are folders of runs, each alone or with a "
        "checkpoint (RUN:STEP, RUN:best, RUN:newest, RUN:average)");
  }
  EnsembleMember member{name, common};
  const std::size_t colon = name.rfind(':');
  if (colon == name.npos || colon == 0 || !NamesCheckpoint(name.substr(colon + 1))) return member;
  member.run = name.substr(0, colon);
  member.checkpoint.name = name.substr(colon + 1);
  if (member.checkpoint.name.size() > kMostDigits) {
    throw UsageError(
        "--ensemble {}: the number of a step has at most {} digits; allowed after the colon are "
        "best, newest, average and the number of a step",
        name, kMostDigits);
  }
  member.checkpoint.average = 0;
  return member;
}

}  // namespace lockstep
