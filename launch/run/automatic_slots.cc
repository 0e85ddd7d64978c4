#include "launch/run/automatic_slots.h"

#include <algorithm>
#include <bit>

#include "base/error.h"
#include "base/log.h"
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

Index AutomaticSlots(Index sequences, Index workers) {
  const Index slots = std::max(kLeastSlots, sequences / kSequencesOfSlot);
  if (workers <= slots) return slots;
  return static_cast<Index>(std::bit_ceil(static_cast<std::uint64_t>(workers)));
}

void SettleSlots(Index workers, Index recorded, Config* config) {
  const PlanOptions& plan = config->run().trainer.stream.plan;
  if (plan.slots > 0) return;
  if (recorded > 0) return config->Set(kKey, std::to_string(recorded), "the run so far");
  const Index usual = AutomaticSlots(plan.batch_sequences, 1);
  const Index slots = AutomaticSlots(plan.batch_sequences, workers);
  config->Set(kKey, std::to_string(slots), "automatic");
  if (slots == usual) return;
  LogInfo(
      "batch.slots is {} in this run, as {} workers share a batch of {} sequences; up to {} "
      "workers "
      "would take {}: set batch.slots = {} to get the same bits on fewer, or batch.sequences = {} "
      "for 4 sequences per slot, which computes faster",
      slots, workers, plan.batch_sequences, usual, usual, slots, kSequencesOfSlot * slots);
}

void SettleSlotsOfRun(const Communicator& comm, const std::string& run_folder, Config* config) {
  std::string recorded = "0";
  Together(comm, [&] {
    const bool asks = config->run().trainer.stream.plan.slots == 0;
    if (comm.rank() == 0 && asks) recorded = std::to_string(SlotsOfNewestCheckpoint(run_folder));
  });
  comm.Broadcast(&recorded);
  SettleSlots(comm.size() * Index{config->run().trainer.threads}, std::stoll(recorded), config);
}

}  // namespace lockstep
