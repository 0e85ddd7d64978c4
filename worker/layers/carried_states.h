// The states of the sequences of a slot, where these are computed in parts: what a part starts from
// and what it leaves for the next one.
#pragma once

#include "base/types.h"

namespace lockstep {

// Arrays [arrays, sequences, width] that a model carries from one part of a slot to the next.
struct StateShape {
  Index arrays = 0;  // 0: the model cannot be trained in parts
  Index width = 0;
};

// [arrays, sequences, width]: those of the lowest layer first, and of an LSTM its output before its
// cell state.
template <typename S>
struct CarriedStates {
  const S* initial = nullptr;  // null: the zero state
  S* final = nullptr;          // set for the sequences that have every step of the part
  Index sequences = 0;         // the second axis; a slot may hold fewer
};

}  // namespace lockstep
