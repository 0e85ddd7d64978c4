#include "launch/run/newest_state.h"

#include "base/error.h"
#include "checkpoint/checkpoint_folder.h"
#include "trainer/save/training_state.h"

namespace lockstep {
namespace {

NewestState ReadNewestState(const std::string& path) {
  const TrainingState state = StateFromJson(VerifyCheckpoint(path), path);
  const auto slots = state.config.find("batch.slots");
  return {path, state.isa, slots == state.config.end() ? 0 : std::stoll(slots->second)};
}

}  // namespace

void FindNewestState(const std::string& run_folder, NewestState* state) {
  for (const CheckpointEntry& entry : ListCheckpoints(run_folder + "/checkpoints")) {
    if (entry.path == state->path) return;
    try {
      *state = ReadNewestState(entry.path);
      return;
    } catch (const InputError&) {
      continue;
    }
  }
  *state = {};
}

}  // namespace lockstep
