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
#include "worker/models/tagger.h"

namespace lockstep {

class CarriedState {
 public:
  // For `slots` slots of at most `sequences`; all zero. No sequences: nothing is carried.
  CarriedState(const Tagger<float>& model, Index slots, Index sequences);

  // What the last part left becomes what the next one starts from; `starts`: its sequences are new
  // ones and start from zero. Not while a slot is being computed.
  void BeginPart(bool starts);
  // Of a slot, for the part begun last; what it leaves is zero as yet. Different threads may ask
  // for different slots.
  CarriedStates<float> Begin(Index slot);
  // The same without a place to leave anything.
  CarriedStates<float> InitialOf(Index slot) const;
  // A sequence of which a value is not finite is gone on with from zero: otherwise no later part of
  // it could be learned from. To be called when the slot is computed.
  void ForgetLost(Index slot);

  // [slots, StatesOfSequence(), sequences, H]: what the last part left.
  std::span<float> left() { return left_.span(); }
  std::span<const float> left() const { return left_.span(); }
  // The shape of what one slot has of it.
  std::vector<Index> slot_shape() const { return {states_, sequences_, hidden_}; }
  Index slot_size() const { return slot_size_; }
  Index bytes() const {
    return (initial_.size() + left_.size()) * static_cast<Index>(sizeof(float));
  }

 private:
  Index states_, sequences_, hidden_, slot_size_;
  bool starts_ = true;
  AlignedBuffer<float> initial_, left_;
};

}  // namespace lockstep
