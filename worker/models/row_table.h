// A parameter with one row per symbol, an embedding, of which the gradient of a slot touches only
// the rows of the symbols that occur in the slot.
#pragma once

#include <cstddef>

#include "base/types.h"

namespace lockstep {

struct RowTable {
  Index begin = 0;  // its first element in the flat array
  Index width = 0;
  Index rows = 0;         // 0: there is no such parameter
  std::size_t field = 0;  // the field whose ids name the rows
  Index stand_in = -1;    // a row that may be touched in place of them; -1: none
  Index end() const { return begin + rows * width; }
};

}  // namespace lockstep
