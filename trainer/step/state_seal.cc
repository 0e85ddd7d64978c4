#include "trainer/step/state_seal.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/checksum.h"

namespace lockstep {

StateSeal::StateSeal(const PiecePlan& plan, const Optimizer& optimizer)
    : plan_(plan),
      optimizer_(optimizer),
      arrays_(1 + optimizer.moments().size()),
      checksums_(static_cast<std::size_t>(RoundUp(plan.count(), kBlockElements) / kBlockElements) *
                 arrays_) {}

std::span<const float> StateSeal::Values(std::size_t piece, Index block, std::size_t array,
                                         const float* values) const {
  const Index begin = block * kBlockElements;
  const std::size_t count =
      static_cast<std::size_t>(std::min(kBlockElements, plan_.count() - begin));
  if (array == 0) return {values + begin, count};
  const Index first = optimizer_.ranges()[piece].begin;
  return optimizer_.MomentOf(array - 1, piece)
      .subspan(static_cast<std::size_t>(begin - first), count);
}

Index StateSeal::PlaceOf(Index block, std::size_t array) const {
  return block * static_cast<Index>(arrays_) + static_cast<Index>(array);
}

std::optional<SealedBlock> StateSeal::BlockOf(Index place) const {
  if (place == kNone) return std::nullopt;
  const Index arrays = static_cast<Index>(arrays_);
  return SealedBlock{place / arrays, static_cast<std::size_t>(place % arrays)};
}

// Keeps the lowest index, so that the result does not depend on which thread finds one first.
void StateSeal::Remember(Index place, FirstFound* found) {
  Index known = found->load();
  while ((known == kNone || place < known) && !found->compare_exchange_weak(known, place)) continue;
}

void StateSeal::Close(std::size_t piece, Index block, const float* values) {
  for (std::size_t array = 0; array < arrays_; ++array) {
    const std::span<const float> closed = Values(piece, block, array, values);
    const Index place = PlaceOf(block, array);
    checksums_[static_cast<std::size_t>(place)] = ChecksumOf(closed);
    if (!AllFinite(closed)) Remember(place, &not_finite_);
  }
}

void StateSeal::Open(std::size_t piece, Index block, const float* values) {
  for (std::size_t array = 0; array < arrays_; ++array) {
    const Index place = PlaceOf(block, array);
    const std::uint64_t found = ChecksumOf(Values(piece, block, array, values));
    if (found != checksums_[static_cast<std::size_t>(place)]) Remember(place, &changed_);
  }
}

std::uint64_t StateSeal::ClosedDigest(const ElementRange& range, const BlockTurn& turn) const {
  std::uint64_t digest = 0;
  if (turn.period == 0) return digest;
  for (Index block = turn.FirstFrom(range.begin / kBlockElements);
       block * kBlockElements < range.end; block += turn.period) {
    digest += DigestPart(block, checksums_[static_cast<std::size_t>(PlaceOf(block, 0))]);
  }
  return digest;
}

std::string StateSeal::NameOf(const SealedBlock& which, const ParameterLayout& layout) const {
  const Index begin = which.block * kBlockElements, end = begin + kBlockElements;
  std::vector<std::string> names;
  for (const ParameterInfo& info : layout.infos()) {
    if (info.offset < end && begin < info.offset + info.count()) names.push_back(info.name);
  }
  const std::string array =
      which.array == 0 ? "values" : optimizer_.moments()[which.array - 1].name;
  return fmt::format("{} of {} (elements {} to {} of the flat array)", array,
                     fmt::join(names, ", "), begin, end - 1);
}

double StateSeal::ToNote(const std::optional<SealedBlock>& which) const {
  return which ? static_cast<double>(1 + PlaceOf(which->block, which->array)) : 0;
}

std::optional<SealedBlock> StateSeal::FromNote(double note) const {
  return BlockOf(note == 0 ? kNone : static_cast<Index>(note) - 1);
}

}  // namespace lockstep
