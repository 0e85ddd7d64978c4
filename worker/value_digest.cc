#include "worker/value_digest.h"

#include <algorithm>

#include "base/checksum.h"

namespace lockstep {

// Each line is invertible (the mixing of splitmix64), so two different checksums of the same block
// never give the same part.
std::uint64_t DigestPart(Index block, std::uint64_t checksum) {
  std::uint64_t mixed = checksum + static_cast<std::uint64_t>(block) * 0x9e3779b97f4a7c15U;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31);
}

std::uint64_t DigestOf(const float* values, const ElementRange& range, const BlockTurn& turn) {
  std::uint64_t digest = 0;
  if (turn.period == 0) return digest;
  for (Index block = turn.FirstFrom(range.begin / kBlockElements);
       block * kBlockElements < range.end; block += turn.period) {
    const Index begin = block * kBlockElements;
    const Index count = std::min(kBlockElements, range.end - begin);
    digest += DigestPart(block, ChecksumOf({values + begin, static_cast<std::size_t>(count)}));
  }
  return digest;
}

}  // namespace lockstep
