// Divides work on blocks of elements between the members (threads) of a team. Internal to
// worker/comm/.
#pragma once

#include <algorithm>

#include "worker/comm/communicator.h"

namespace lockstep {

// Calls visit(begin, end) for each block of `grain` of the elements [0, count) that is one member's
// share; the last block of all may be shorter.
template <typename Visit>
void ForBlocks(Index count, Index grain, int member, int members, const Visit& visit) {
  const Index end = SegmentBorder(count, grain, member + 1, members);
  for (Index i = SegmentBorder(count, grain, member, members); i < end; i += grain) {
    visit(i, std::min(i + grain, end));
  }
}

}  // namespace lockstep
