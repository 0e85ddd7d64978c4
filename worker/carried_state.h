// The hidden states that the slots of one rank carry from one part of their sequences to the next,
// when long sequences are computed in parts (StreamOptions::part_steps).
//
// There are two copies: `initial_`, the states that the current part starts from, and `left_`, the
// states after its last step. The initial states must survive until the next part begins, because
// backward reads them, and so does the search for bad samples (bad_samples.h).
#pragma once

#include <span>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/types.h"
#include "worker/layers/carried_states.h"

namespace lockstep {

class CarriedState {
 public:
  // Room for `slots` slots of at most `sequences` sequences each; all states are zero. With
  // sequences == 0 nothing is carried: every part starts from zero.
  CarriedState(const StateShape& shape, Index slots, Index sequences);

  // Begins the next part of all slots: the states that the last part left become the initial ones.
  // If `starts` is true, the part begins new sequences, which start from zero instead. May not be
  // called while a slot is being computed.
  void BeginPart(bool starts);
  // The states of a slot in the current part. Sets its final states to zero; the layers write them
  // during the pass. Different threads may call this for different slots at the same time.
  CarriedStates<float> Begin(Index slot);
  // Like Begin, but only with the initial states: the final states of the pass are discarded.
  CarriedStates<float> InitialOf(Index slot) const;
  // If any final value of a sequence is not finite, sets all states of that sequence to zero, so
  // that its later parts can still be trained on. To be called after the slot has been computed.
  void ForgetLost(Index slot);

  // The states that the last part left, [slots, arrays, sequences, width].
  std::span<float> left() { return left_.span(); }
  std::span<const float> left() const { return left_.span(); }
  // The shape of one slot's share of left().
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
