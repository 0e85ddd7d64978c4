// Leaves blocks of zeros out of a message. The gradient of an embedding has zeros in the rows of
// all symbols that did not occur; sent like this, only the rows travel that did. No bit changes: a
// block counts as zero only if each element is +0.
//
// A packed array consists of the blocks that are not zero, in order, and of one bit per block that
// says which these are. It is always shorter than the array itself, so its length tells whether an
// array is packed.
#pragma once

#include <span>
#include <vector>

#include "base/types.h"

namespace lockstep {

class ZeroBlocks {
 public:
  // Elements of a block: two cache lines. A row of an embedding need not begin at one.
  static constexpr Index kBlock = 32;

  // For arrays of at most `most` elements; nothing allocates later.
  explicit ZeroBlocks(Index most);

  // Packs `values` in place. Returns how many of its elements are to be sent: the packed ones, or
  // all of them, untouched, if packing makes the message no shorter.
  Index Pack(std::span<float> values);
  // The opposite, in place: the first `received` elements have come, the rest may hold anything. An
  // internal error if they cannot be what Pack made.
  void Unpack(std::span<float> values, Index received);

 private:
  bool Has(Index block) const;

  std::vector<std::uint32_t> bits_;
};

}  // namespace lockstep
