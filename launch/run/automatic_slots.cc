#include "launch/run/automatic_slots.h"

#include <algorithm>

#include "base/error.h"
#include "checkpoint/checkpoint_folder.h"
#include "trainer/save/training_state.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr Index kSequencesOfSlot = 4, kLeastSlots = 8;
constexpr const char* kKey = "batch.slots";

Index SlotsOfNewestCheckpoint(const std::string& run_folder) {
  for (const CheckpointEntry& entry : ListCheckpoints(run_folder + "/checkpoints")) {
    try {
      const TrainingState state = StateFromJson(VerifyCheckpoint(entry.path), entry.path);
      const auto found = state.config.find(kKey);
      return found == state.config.end() ? 0 : std::stoll(found->second);
    } catch (const InputError&) {
      continue;  // damaged: whoever resumes will say so
    }
  }
  return 0;
}

}  // namespace

Index AutomaticSlots(Index sequences) {
  return std::max(kLeastSlots, sequences / kSequencesOfSlot);
}

void SettleSlots(Index recorded, Config* config) {
  const PlanOptions& plan = config->run().trainer.stream.plan;
  if (plan.slots > 0) return;
  const Index slots = recorded > 0 ? recorded : AutomaticSlots(plan.batch_sequences);
  config->Set(kKey, std::to_string(slots), recorded > 0 ? "the run so far" : "automatic");
}

void SettleSlotsOfRun(const Communicator& comm, const std::string& run_folder, Config* config) {
  std::string recorded = "0";
  Together(comm, [&] {
    const bool asks = config->run().trainer.stream.plan.slots == 0;
    if (comm.rank() == 0 && asks) recorded = std::to_string(SlotsOfNewestCheckpoint(run_folder));
  });
  comm.Broadcast(&recorded);
  SettleSlots(std::stoll(recorded), config);
}

}  // namespace lockstep
