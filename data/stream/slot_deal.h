// Divides the sequences of one global batch between its slots such that all slots have about the
// same work. With four or more sequences per slot and lengths that vary like those of recordings,
// the heaviest slot is within 3 % of the mean. Ranks have equal numbers of slots, so this also
// balances the ranks.
//
// The work of a slot is the sum of the steps of its sequences, and of their targets where these
// have steps of their own: the rows that it computes; there is no padding.
#pragma once

#include <span>
#include <vector>

#include "base/types.h"

namespace lockstep {

// The place of a sample in the corpus, and its length in an epoch. A sample that is read several
// times in an epoch (data/stream/sample_reads.h) is there once for each copy, and one that is cut
// (data/stream/sample_cuts.h) once for each piece. The widths of the numbers make a plan take 24
// bytes per sample.
struct SampleRef {
  std::int32_t shard = 0;
  std::int32_t record = 0;
  Index length : 33 = 0;          // up to 2^32 - 1
  Index copy : 11 = 0;            // up to 1023, more than kMostSourceWeight
  Index piece : 20 = 0;           // up to kMostPiecesOfSample
  std::int32_t target_steps = 0;  // of a target that has steps of its own

  Index work() const { return length + target_steps; }
};

// Divides one batch after another. Reuses its own memory and that of the results.
class SlotDealer {
 public:
  // Allocates memory for batches of up to `samples` samples.
  void Reserve(Index samples, Index slots, std::vector<std::vector<SampleRef>>* dealt);
  // Sets `slots` to the samples of each of `count` slots, longest first. The result does not depend
  // on the order of `samples`. With n samples, no slot has more than ceil(n / count) samples.
  void Deal(std::span<const SampleRef> samples, Index count,
            std::vector<std::vector<SampleRef>>* slots);

 private:
  struct Swap;
  void DealToLightest(const SampleRef& sample, std::size_t room);
  void Balance();
  bool SwapOnce(std::size_t heaviest);
  void FindSwap(std::size_t heaviest, std::size_t slot, Swap* best) const;

  std::vector<std::vector<SampleRef>>* slots_ = nullptr;  // the result, during Deal
  std::vector<SampleRef> sorted_;                         // the samples, longest first
  std::vector<Index> work_;                               // of each slot
  Index total_ = 0;                                       // sum of work_
};

// Divides a single batch.
std::vector<std::vector<SampleRef>> DealToSlots(std::span<const SampleRef> samples, Index slots);

}  // namespace lockstep
