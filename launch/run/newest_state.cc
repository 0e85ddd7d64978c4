#include "launch/run/newest_state.h"

#include "base/error.h"
#include "base/text.h"
#include "checkpoint/checkpoint_folder.h"
#include "trainer/save/training_state.h"

namespace lockstep {
namespace {

NewestState ReadNewestState(const std::string& path) {
  const TrainingState state = StateFromJson(VerifyCheckpoint(path), path);
  const auto slots = state.config.find("batch.slots");
  NewestState newest{path, state.isa};
  if (slots != state.config.end() && !ReadNumber(slots->second, &newest.slots)) {
    throw BadData("{}: its configuration has batch.slots = \"{}\", allowed are whole numbers", path,
                  slots->second);
  }
  return newest;
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
