// The hidden state that the slots of one rank carry from one part of their sequences to the next,
// where sequences are computed in parts (StreamOptions::part_steps).
//
// Kept twice: what a part starts from stays until the next one begins, since backward reads it, and
// so does the search for what made a step not finite.
#pragma once

#include <span>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/types.h"
#include "worker/layers/carried_states.h"

namespace lockstep {

class CarriedState {
 public:
  // For `slots` slots of at most `sequences` sequences; all zero. No sequences: nothing is carried.
  CarriedState(const StateShape& shape, Index slots, Index sequences);

  // What the last part left becomes what the next one starts from; `starts`: its sequences are new
  // ones and start from zero. Not while a slot is being computed.
  void BeginPart(bool starts);
  // The states of a slot for the part begun last; what the part leaves is still zero. Different
  // threads may ask for different slots.
  CarriedStates<float> Begin(Index slot);
  // Like Begin, but read-only: the final states are discarded.
  CarriedStates<float> InitialOf(Index slot) const;
  // If any carried value of a sequence is not finite, its state is reset to zero so that later
  // parts can still be trained on. To be called when the slot is computed.
  void ForgetLost(Index slot);

  // [slots, arrays, sequences, width]: what the last part left.
  std::span<float> left() { return left_.span(); }
  std::span<const float> left() const { return left_.span(); }
  // The shape of what one slot has of it.
  std::vector<Index> slot_shape() const { return {shape_.arrays, sequences_, shape_.width}; }
  Index slot_size() const { return slot_size_; }
  Index bytes() const {
    return (initial_.size() + left_.size()) * static_cast<Index>(sizeof(float));
  }

 private:
  StateShape shape_;
  Index sequences_, slot_size_;
  bool starts_ = true;
  AlignedBuffer<float> initial_, left_;
};

}  // namespace lockstep
