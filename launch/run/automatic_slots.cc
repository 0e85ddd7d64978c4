#include "launch/run/automatic_slots.h"

#include <algorithm>

#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr Index kSequencesOfSlot = 4, kLeastSlots = 8;
constexpr const char* kKey = "batch.slots";

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

void SettleSlotsOfRun(const Communicator& comm, const std::string& run_folder, NewestState* newest,
                      Config* config) {
  std::string recorded = "0";
  Together(comm, [&] {
    const bool asks = config->run().trainer.stream.plan.slots == 0;
    if (comm.rank() != 0 || !asks) return;
    FindNewestState(run_folder, newest);
    recorded = std::to_string(newest->slots);
  });
  comm.Broadcast(&recorded);
  SettleSlots(std::stoll(recorded), config);
}

}  // namespace lockstep
