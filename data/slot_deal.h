// Divides the sequences of one global batch between its slots, so that slots cost alike: with four
// or more sequences a slot and lengths as speech has them, the heaviest slot is within 3 % of the
// mean. Ranks hold equal numbers of slots, so this is what balances ranks.
//
// The work of a slot is its number of steps: without padding, that is the rows it computes.
#pragma once

#include <vector>

#include "base/types.h"

namespace lockstep {

// Where a sample is.
struct SampleRef {
  std::int32_t shard = 0;
  std::int32_t record = 0;
  Index length = 0;
};

// Samples of each slot, longest first; the same for the same samples in the same order. No slot has
// more than ceil(n / slots) samples, nor more steps than that times the longest.
std::vector<std::vector<SampleRef>> DealToSlots(std::vector<SampleRef> samples, Index slots);

}  // namespace lockstep
