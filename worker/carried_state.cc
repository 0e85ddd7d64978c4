#include "worker/carried_state.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace lockstep {

CarriedState::CarriedState(const StateShape& shape, Index slots, Index sequences)
    : shape_(shape),
      sequences_(sequences),
      slot_size_(shape.arrays * sequences * shape.width),
      initial_(slots * slot_size_),
      left_(slots * slot_size_) {}

void CarriedState::BeginPart(bool starts) {
  starts_ = starts;
  std::swap(initial_, left_);
}

CarriedStates<float> CarriedState::InitialOf(Index slot) const {
  if (slot_size_ == 0 || starts_) return {nullptr, nullptr, sequences_};
  return {initial_.data() + slot * slot_size_, nullptr, sequences_};
}

CarriedStates<float> CarriedState::Begin(Index slot) {
  CarriedStates<float> states = InitialOf(slot);
  if (slot_size_ == 0) return states;
  states.final = left_.data() + slot * slot_size_;
  std::fill_n(states.final, slot_size_, 0.0f);
  return states;
}

void CarriedState::ForgetLost(Index slot) {
  float* const left = left_.data() + slot * slot_size_;
  for (Index b = 0; b < (slot_size_ == 0 ? 0 : sequences_); ++b) {
    const auto row = [&](Index state) { return left + (state * sequences_ + b) * shape_.width; };
    bool finite = true;
    for (Index state = 0; state < shape_.arrays; ++state) {
      finite = finite && std::all_of(row(state), row(state) + shape_.width,
                                     [](float value) { return std::isfinite(value); });
    }
    for (Index state = 0; !finite && state < shape_.arrays; ++state) {
      std::fill_n(row(state), shape_.width, 0.0f);
    }
  }
}

}  // namespace lockstep
