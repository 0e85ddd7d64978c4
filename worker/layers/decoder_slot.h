// The targets of a slot as a decoder reads them, and what it reads of their sources.
#pragma once

#include <span>

#include "data/batch/batch.h"

namespace lockstep {

struct DecoderSlot {
  const PackedLayout& source;          // layout of the sources
  const PackedLayout& target;          // layout of the targets, sorted by their own lengths
  std::span<const Index> sequence_of;  // the source of each target
  // [target.rows()]: the id that each row reads, which is the target of the row before.
  std::span<const std::int32_t> previous;
};

template <typename S>
struct DecoderSource {
  const S* features = nullptr;  // [source.rows(), D], of an encoder
  const S* pooled = nullptr;    // [sources, P]: what is known of each source as a whole
};

}  // namespace lockstep
