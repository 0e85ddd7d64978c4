// A digest of the parameters: one number that ranks compare to learn whether they hold the same
// values.
//
// A step covers only some of the blocks of the flat array (kBlockElements elements each), its turn:
// every `period`-th block, beginning with block number `turn`. These are spread evenly over the
// array, and so over the owners of its segments. After `period` steps every block was covered once.
#pragma once

#include <cstdint>

#include "base/types.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

struct BlockTurn {
  Index period = 1;  // 0: no turn has any block
  Index turn = 0;    // in [0, period)

  bool Has(Index block) const { return period > 0 && block % period == turn; }
  // The lowest block of this turn that is greater than or equal to `block`.
  Index FirstFrom(Index block) const { return block + (turn - block % period + period) % period; }
  bool operator==(const BlockTurn&) const = default;
  BlockTurn Next() const { return {period, period > 0 ? (turn + 1) % period : 0}; }
};

// The number that a block with this index and checksum contributes to the sum that is a digest.
std::uint64_t DigestPart(Index block, std::uint64_t checksum);

// The digest of the blocks of this turn that begin in `range`, an element range of the flat array
// `values` that begins at a block border: the sum of their DigestParts modulo 2^64. A change of one
// value within one block is certain to change the digest.
std::uint64_t DigestOf(const float* values, const ElementRange& range, const BlockTurn& turn);

}  // namespace lockstep
