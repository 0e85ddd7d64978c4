// A parameter with one row per symbol, an embedding, of which the gradient of a slot touches only
// the rows of the symbols that occur in the slot.
#pragma once

#include <cstddef>
#include <optional>

#include "worker/params/parameter_layout.h"

namespace lockstep {

struct RowTable {
  Index begin = 0;  // its first element in the flat array
  Index width = 0;
  Index rows = 0;         // 0: there is no such parameter
  std::size_t field = 0;  // the field whose ids name the rows
  Index stand_in = -1;    // a row that may be touched in place of them; -1: none
  Index end() const { return begin + rows * width; }
};

// The table of an embedding that the ids of the leading field choose rows of. None if there is no
// embedding, or if it is too small to be worth the bookkeeping.
RowTable TableOf(const ParameterLayout& layout, std::optional<ParameterId> embedding,
                 Index stand_in = -1);

}  // namespace lockstep
