#include "trainer/estimate/step_model.h"

#include <algorithm>
#include <cmath>

#include "worker/comm/piece_plan.h"
#include "worker/comm/reduction_tree.h"

namespace lockstep {
namespace {

// The share of a link's bits that is data: 1448 of the 1538 bytes of an Ethernet frame with TCP.
constexpr double kPayloadShare = 1448.0 / 1538.0;

Index CeilDivide(Index count, Index by) { return (count + by - 1) / by; }

// The number of threads per core, divided by that while measuring.
double Crowding(const Machines& machines, const StepCosts& costs) {
  if (machines.cores == 0) return 1;
  const auto crowd = [&](double threads) {
    return std::max(1.0, threads / static_cast<double>(machines.cores));
  };
  const double threads = static_cast<double>(machines.ranks) * machines.threads;
  return crowd(threads) / crowd(static_cast<double>(costs.busy_threads));
}

// The number of ranks that add their sums before they send them: those of a host, or each alone.
int RanksTogether(const Machines& machines) {
  return machines.host_level ? std::min(machines.ranks_per_host, machines.ranks) : 1;
}

// The most complete subtrees that such a group of ranks has in its slots.
Index MostSubtreesSent(Index slots, const Machines& machines) {
  const int together = RanksTogether(machines);
  Index most = 0;
  for (int first = 0; first < machines.ranks; first += together) {
    const int last = std::min(first + together, machines.ranks) - 1;
    const SlotRange range{DealSlots(slots, first, machines.ranks).first,
                          DealSlots(slots, last, machines.ranks).last};
    most = std::max(most, static_cast<Index>(CompleteSubtrees(slots, range).size()));
  }
  return most;
}

double ComputeSeconds(const StepCosts& costs, const Machines& machines, Index slots) {
  const Index of_rank = CeilDivide(slots, machines.ranks);
  const Index of_thread = CeilDivide(of_rank, machines.threads);
  const double ranks = machines.ranks, threads = machines.threads;
  // Each thread adds its slots; then all threads of a rank add the threads' sums; then each rank
  // adds its segment of the ranks' sums.
  const double adds =
      static_cast<double>(of_thread - 1) +
      static_cast<double>(std::min<Index>(of_rank, machines.threads) - 1) / threads +
      (ranks - 1) / ranks / threads;
  const double work = static_cast<double>(of_thread) * costs.slot + adds * costs.add +
                      costs.update / ranks / threads;
  return work * Crowding(machines, costs);
}

// The seconds that a host's link needs when each of its ranks, or each group that sends together,
// sends `elements` elements to other hosts.
double LinkSeconds(const Machines& machines, double elements) {
  const int here = std::min(machines.ranks_per_host, machines.ranks);
  const double elsewhere = static_cast<double>(machines.ranks - here) / machines.ranks;
  const double times = static_cast<double>(here) / RanksTogether(machines);  // each element leaves
  const double bits = 8.0 * sizeof(float) * times * elsewhere * elements;
  return bits / (machines.bandwidth * kPayloadShare);
}

// The seconds of communication that computation does not hide. Gradients leave during the backward
// pass of a rank's last slot, and parameters arrive during the forward pass of its next slot. The
// last piece of each is never hidden.
double ExposedSeconds(const StepCosts& costs, const Machines& machines, Index slots,
                      Index parameters) {
  if (machines.ranks <= machines.ranks_per_host) return 0;  // memory is counted as computing
  const double all = static_cast<double>(parameters);
  const double shared = ReplicatedShare(machines) * all;
  const double subtrees = static_cast<double>(MostSubtreesSent(slots, machines));
  const double gradients = LinkSeconds(machines, subtrees * all + shared);
  const double values = LinkSeconds(machines, all - shared);
  const double most = static_cast<double>(PieceOptions{}.most_per_rank) * machines.ranks;
  const double piece = LinkSeconds(machines, std::min(all, most));
  const double slot = machines.overlap ? costs.slot * Crowding(machines, costs) : 0;
  const double backward = slot * 2 / 3, forward = slot / 3;
  // The exchanges of losses and of the norm each take log2(P) rounds; the last pieces one message.
  const double waits = 2 * std::ceil(std::log2(machines.ranks)) + 2;
  return std::max(piece, gradients - backward) + std::max(piece, values - forward) +
         waits * machines.latency;
}

}  // namespace

double ReplicatedShare(const Machines& machines) {
  if (machines.replicated_share >= 0) return machines.replicated_share;
  return machines.ranks_per_host <= 2 && machines.ranks_per_host < machines.ranks ? 1.0 / 3 : 0;
}

StepPrediction PredictStep(const StepCosts& costs, const Machines& machines, Index slots,
                           Index parameters) {
  StepPrediction prediction;
  prediction.compute = ComputeSeconds(costs, machines, slots);
  prediction.communicate = ExposedSeconds(costs, machines, slots, parameters);
  Machines alone = machines;
  alone.ranks = 1;
  prediction.efficiency = ComputeSeconds(costs, alone, slots) / machines.ranks / prediction.step();
  return prediction;
}

}  // namespace lockstep
