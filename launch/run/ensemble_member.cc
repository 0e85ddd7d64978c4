#include "launch/run/ensemble_member.h"

namespace lockstep {
namespace {

bool NamesCheckpoint(const std::string& name) {
  const bool is_step = !name.empty() && name.find_first_not_of("0123456789") == name.npos;
  return is_step || name == "best" || name == "newest" || name == "average";
}

}  // namespace

EnsembleMember ParseEnsembleMember(const std::string& name, const CheckpointChoice& common) {
  EnsembleMember member{name, common};
  const std::size_t colon = name.rfind(':');
  if (colon == name.npos || colon == 0 || !NamesCheckpoint(name.substr(colon + 1))) return member;
  member.run = name.substr(0, colon);
  member.checkpoint.name = name.substr(colon + 1);
  member.checkpoint.average = 0;
  return member;
}

}  // namespace lockstep
