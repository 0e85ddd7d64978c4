// The distinct words of a slot, each with its characters: what an encoder of characters computes
// once for all occurrences of a word.
#pragma once

#include <vector>

#include "data/batch/batch.h"

namespace lockstep {

struct DistinctWords {
  // Sequence k is word number k, step t its character t; the longest word comes first, words of one
  // length in the order of their character ids.
  PackedLayout layout;
  std::vector<std::int32_t> characters;  // [layout.rows()]
  // [rows of the slot]: the number of the word of each row; -1 for a word without characters.
  std::vector<Index> word_of;

  Index count() const { return layout.sequences(); }
};

// `lists` is a field with one list of ids per step (Alignment::kListInStep). The result depends on
// the slot alone. Takes its lists from the heap, because their sizes are known only now.
DistinctWords FindDistinctWords(const FieldBatch& lists);

}  // namespace lockstep
