// Divides the sequences of one global batch between its slots, so that slots cost alike: with four
// or more sequences a slot and lengths that vary as those of recordings do, the heaviest slot is
// within 3 % of the mean. Ranks hold equal numbers of slots, so this is what balances ranks.
//
// The work of a slot is its number of steps: without padding, that is the rows it computes.
#pragma once

#include <span>
#include <vector>

#include "base/types.h"

namespace lockstep {

// Where a sample is.
struct SampleRef {
  std::int32_t shard = 0;
  std::int32_t record = 0;
  Index length = 0;
};

// Keeps its memory, and that of what it fills, from batch to batch.
class SlotDealer {
 public:
  // For batches of up to so many samples.
  void Reserve(Index samples, Index slots, std::vector<std::vector<SampleRef>>* dealt);
  // Sets `slots` to the samples of each slot, longest first; the same whatever the order of
  // `samples`. No slot has more than ceil(n / slots) samples, nor more steps than that times the
  // longest.
  void Deal(std::span<const SampleRef> samples, Index count,
            std::vector<std::vector<SampleRef>>* slots);

 private:
  struct Swap;
  void DealToLightest(const SampleRef& sample, std::size_t room);
  void Balance();
  bool SwapOnce(std::size_t heaviest);
  void FindSwap(std::size_t heaviest, std::size_t slot, Swap* best) const;

  std::vector<std::vector<SampleRef>>* slots_ = nullptr;  // while dealing
  std::vector<SampleRef> sorted_;
  std::vector<Index> steps_;  // of each slot
  Index total_ = 0;
};

// One batch dealt by a dealer of its own.
std::vector<std::vector<SampleRef>> DealToSlots(std::span<const SampleRef> samples, Index slots);

}  // namespace lockstep
