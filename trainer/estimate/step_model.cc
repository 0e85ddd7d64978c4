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

// The number of threads per core, at least 1, when as many are busy.
double ThreadsPerCore(const Machines& machines, Index busy_threads) {
  if (machines.cores == 0) return 1;
  return std::max(1.0, static_cast<double>(busy_threads) / static_cast<double>(machines.cores));
}
double ThreadsPerCore(const Machines& machines) {
  return ThreadsPerCore(machines, Index{machines.ranks} * machines.threads);
}

// The number of threads per core, divided by that while measuring.
double Crowding(const Machines& machines, const StepCosts& costs) {
  return ThreadsPerCore(machines) / ThreadsPerCore(machines, costs.busy_threads);
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

// The bytes that a host sends when each of its ranks, or each group that sends together, sends
// `elements` elements to other hosts. It receives as many.
double BytesOfHost(const Machines& machines, double elements) {
  const int here = std::min(machines.ranks_per_host, machines.ranks);
  const double elsewhere = static_cast<double>(machines.ranks - here) / machines.ranks;
  const double times = static_cast<double>(here) / RanksTogether(machines);  // each element leaves
  return sizeof(float) * times * elsewhere * elements;
}

double LinkSeconds(const Machines& machines, double elements) {
  return 8 * BytesOfHost(machines, elements) / (machines.bandwidth * kPayloadShare);
}

// The latencies that a step waits for: the exchanges of losses and of the norm each take log2(P)
// rounds, the last piece of the gradient and that of the parameters one message each, or one for
// each level of its groups.
double Waits(const Machines& machines, Index parameters) {
  const int here = EvenRanksPerHost(machines.ranks, machines.ranks_per_host, machines.host_level);
  const bool in_groups =
      parameters < PiecesFor(machines.ranks, here, 1).in_groups_below * machines.ranks;
  const Index messages = in_groups ? RankGroups(machines.ranks, here).levels() : 1;
  return 2 * std::ceil(std::log2(machines.ranks)) + 2 * static_cast<double>(messages);
}

// Gradients leave during the backward pass of a rank's last slot, and parameters arrive during the
// forward pass of its next slot. The last piece of each is never hidden.
struct StepTraffic {
  double exposed = 0;  // seconds of communication that computation does not hide
  double work = 0;     // seconds that the core of a rank works on the bytes that it does hide
};
StepTraffic TrafficOf(const StepCosts& costs, const Machines& machines, Index slots,
                      Index parameters) {
  if (machines.ranks <= machines.ranks_per_host) return {};  // memory is counted as computing
  const double all = static_cast<double>(parameters);
  const double shared = ReplicatedShare(machines) * all;
  const double subtrees = static_cast<double>(MostSubtreesSent(slots, machines));
  const double sums = subtrees * all + shared;  // elements that leave, and so do all but `shared`
  const double gradients = LinkSeconds(machines, sums);
  const double values = LinkSeconds(machines, all - shared);
  const double most = static_cast<double>(PieceOptions{}.most_per_rank) * machines.ranks;
  const double piece = LinkSeconds(machines, std::min(all, most));
  const double slot = machines.overlap ? costs.slot * Crowding(machines, costs) : 0;
  const double backward = slot * 2 / 3, forward = slot / 3;
  const double exposed = std::max(piece, gradients - backward) + std::max(piece, values - forward);
  // While a rank only waits for its link, its core has time for the bytes.
  const double hidden = std::max(0.0, 1 - exposed / (gradients + values));
  const double bytes = 2 * BytesOfHost(machines, sums + all - shared) / machines.ranks_per_host;
  return {exposed + Waits(machines, parameters) * machines.latency,
          hidden * bytes * machines.byte_seconds * ThreadsPerCore(machines)};
}

}  // namespace

double ReplicatedShare(const Machines& machines) {
  if (machines.replicated_share >= 0) return machines.replicated_share;
  return machines.ranks_per_host <= 2 && machines.ranks_per_host < machines.ranks ? 1.0 / 3 : 0;
}

int EvenRanksPerHost(int ranks, int ranks_per_host, bool host_level) {
  if (ranks <= ranks_per_host) return ranks;
  if (!host_level) return 1;
  return ranks % ranks_per_host == 0 ? ranks_per_host : 0;
}

StepPrediction PredictStep(const StepCosts& costs, const Machines& machines, Index slots,
                           Index parameters) {
  StepPrediction prediction;
  const StepTraffic traffic = TrafficOf(costs, machines, slots, parameters);
  prediction.compute = ComputeSeconds(costs, machines, slots) + traffic.work;
  prediction.communicate = traffic.exposed;
  Machines alone = machines;
  alone.ranks = 1;
  prediction.efficiency = ComputeSeconds(costs, alone, slots) / machines.ranks / prediction.step();
  return prediction;
}

}  // namespace lockstep
