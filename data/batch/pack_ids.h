// Sequences of ids as one slot, for prediction: what the stream does in training for the samples of
// a corpus.
#pragma once

#include <span>
#include <vector>

#include "data/batch/batch.h"

namespace lockstep {

template <typename Id>
struct IdSequence {
  std::uint64_t sample_id = 0;
  std::span<const Id> ids;  // at least one
};

// A slot with one input field of ids, and no targets. `sequences` stand in descending order of
// their lengths, as PackedLayout requires.
template <typename Id>
SlotBatch PackIds(const std::vector<IdSequence<Id>>& sequences) {
  std::vector<Index> lengths;
  lengths.reserve(sequences.size());
  for (const auto& sequence : sequences) lengths.push_back(static_cast<Index>(sequence.ids.size()));
  SlotBatch slot;
  slot.layout = PackedLayout(lengths);
  FieldBatch& inputs = slot.fields.emplace_back();
  inputs.ids.resize(static_cast<std::size_t>(slot.layout.rows()));
  for (Index b = 0; b < static_cast<Index>(sequences.size()); ++b) {
    const auto& [sample_id, ids] = sequences[static_cast<std::size_t>(b)];
    slot.sample_ids.push_back(sample_id);
    for (Index t = 0; t < slot.layout.Length(b); ++t)
      inputs.ids[static_cast<std::size_t>(slot.layout.Row(t, b))] =
          ids[static_cast<std::size_t>(t)];
  }
  return slot;
}

}  // namespace lockstep
