#include "worker/sum_exchange.h"

#include "base/error.h"
#include "data/batch/batch.h"
#include "worker/comm/reduction_tree.h"

namespace lockstep {

SumExchange::SumExchange(const Communicator& comm, Index slots)
    : comm_(comm),
      own_(static_cast<std::size_t>(DealSlots(slots, comm.rank(), comm.size()).size())),
      all_(static_cast<std::size_t>(slots)),
      notes_(static_cast<std::size_t>(comm.size())),
      losses_(static_cast<std::size_t>(slots)) {
  constexpr Index kDoubles = sizeof(Message) / sizeof(double);
  for (int rank = 0; rank < comm.size(); ++rank) {
    segments_.offsets.push_back(DealSlots(slots, rank, comm.size()).first * kDoubles);
  }
  segments_.offsets.push_back(slots * kDoubles);
}

StepSums SumExchange::Reduce(std::span<const StepSums> mine, const RankNote& note) {
  LOCKSTEP_CHECK_EQ(mine.size(), own_.size());
  for (std::size_t i = 0; i < own_.size(); ++i) own_[i] = {mine[i], note};
  const std::size_t doubles = own_.size() * sizeof(Message) / sizeof(double);
  comm_.AllGather({reinterpret_cast<const double*>(own_.data()), doubles}, segments_,
                  reinterpret_cast<double*>(all_.data()));
  StepSums total;
  for (std::size_t slot = 0; slot < all_.size(); ++slot) {
    const StepSums& sums = all_[slot].sums;
    losses_[slot] = sums.loss;
    total.targets += sums.targets;
    for (std::size_t i = 0; i < sums.counts.size(); ++i) total.counts[i] += sums.counts[i];
  }
  total.loss = TreeSum(losses_);
  for (int rank = 0; rank < comm_.size(); ++rank) {
    const Index slot = DealSlots(static_cast<Index>(all_.size()), rank, comm_.size()).first;
    notes_[static_cast<std::size_t>(rank)] = all_[static_cast<std::size_t>(slot)].note;
  }
  return total;
}

}  // namespace lockstep
