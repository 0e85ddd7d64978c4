// The hidden states that one slot carries when its sequences are computed in parts: the states that
// a part starts from, and those that it leaves for the next part.
#pragma once

#include "base/types.h"

namespace lockstep {

// The shape [arrays, sequences, width] of the states that a model carries; the number of sequences
// depends on the slot.
struct StateShape {
  Index arrays = 0;  // 0: the model cannot be trained in parts
  Index width = 0;
};

// Arrays [arrays, sequences, width], lowest layer first; an LSTM layer has two, its output and then
// its cell state.
template <typename S>
struct CarriedStates {
  const S* initial = nullptr;  // null: all sequences start from zero
  S* final = nullptr;          // set, but only for sequences that are as long as the whole part
  Index sequences = 0;         // size of the second axis; the slot may hold fewer sequences
};

}  // namespace lockstep
