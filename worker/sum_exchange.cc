#include "worker/sum_exchange.h"

#include <cstring>

#include "base/error.h"
#include "data/batch/batch.h"
#include "worker/comm/reduction_tree.h"

namespace lockstep {
namespace {

template <typename T>
T Read(const double* from) {
  T value;
  std::memcpy(static_cast<void*>(&value), from, sizeof value);
  return value;
}

}  // namespace

SumExchange::SumExchange(const Communicator& comm, Index slots)
    : comm_(comm),
      notes_(static_cast<std::size_t>(comm.size())),
      slots_(static_cast<std::size_t>(slots)),
      losses_(static_cast<std::size_t>(slots)),
      squared_errors_(static_cast<std::size_t>(slots)) {
  for (int rank = 0; rank <= comm.size(); ++rank) {
    const Index first = rank < comm.size() ? DealSlots(slots, rank, comm.size()).first : slots;
    segments_.offsets.push_back(rank * Index{kNoteSize} + first * Index{kSumsSize});
  }
  all_.resize(static_cast<std::size_t>(segments_.offsets.back()));
}

void SumExchange::Pack(std::span<const StepSums> mine, const RankNote& note) {
  own_.resize(kNoteSize + mine.size() * kSumsSize);
  std::memcpy(own_.data(), &note, sizeof note);
  if (!mine.empty()) std::memcpy(own_.data() + kNoteSize, mine.data(), mine.size_bytes());
}

void SumExchange::Unpack() {
  std::size_t slot = 0;
  for (std::size_t rank = 0; rank < notes_.size(); ++rank) {
    const double* const begin = all_.data() + segments_.offsets[rank];
    const double* const end = all_.data() + segments_.offsets[rank + 1];
    notes_[rank] = Read<RankNote>(begin);
    for (const double* at = begin + kNoteSize; at < end; at += kSumsSize) {
      slots_[slot++] = Read<StepSums>(at);
    }
  }
}

StepSums SumExchange::Reduce(std::span<const StepSums> mine, const RankNote& note) {
  const Index slots = static_cast<Index>(slots_.size());
  LOCKSTEP_CHECK_EQ(static_cast<Index>(mine.size()),
                    DealSlots(slots, comm_.rank(), comm_.size()).size());
  Pack(mine, note);
  comm_.AllGather(own_, segments_, all_.data());
  Unpack();
  StepSums total;
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    const StepSums& sums = slots_[slot];
    losses_[slot] = sums.loss;
    squared_errors_[slot] = sums.squared_errors;
    total.targets += sums.targets;
    for (std::size_t i = 0; i < sums.counts.size(); ++i) total.counts[i] += sums.counts[i];
  }
  total.loss = TreeSum(losses_);
  total.squared_errors = TreeSum(squared_errors_);
  return total;
}

}  // namespace lockstep
