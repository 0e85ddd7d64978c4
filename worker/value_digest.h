// What ranks compare to learn whether they hold the same parameters: one number over blocks of the
// flat array.
//
// Blocks take turns: in each step those of one turn are looked at, evenly spread over the array and
// so over its owners, and after `period` steps all have been.
#pragma once

#include <cstdint>

#include "base/types.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

struct BlockTurn {
  Index period = 1;  // 0: no block ever
  Index turn = 0;    // below period

  bool Has(Index block) const { return period > 0 && block % period == turn; }
  // The first block of this turn that is not below `block`.
  Index FirstFrom(Index block) const { return block + (turn - block % period + period) % period; }
  bool operator==(const BlockTurn&) const = default;
  BlockTurn Next() const { return {period, period > 0 ? (turn + 1) % period : 0}; }
};

// What block number `block` with this checksum adds to a digest.
std::uint64_t DigestPart(Index block, std::uint64_t checksum);

// The sum of the parts of all blocks of this turn that begin in `range` of `values`, which begins
// at a border of blocks. A change within one block changes it, with certainty.
std::uint64_t DigestOf(const float* values, const ElementRange& range, const BlockTurn& turn);

}  // namespace lockstep
