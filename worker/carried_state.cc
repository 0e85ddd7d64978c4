#include "worker/carried_state.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace lockstep {

CarriedState::CarriedState(const Tagger<float>& model, Index slots, Index sequences)
    : states_(model.StatesOfSequence()),
      sequences_(sequences),
      hidden_(model.options().hidden_size),
      slot_size_(states_ * sequences_ * hidden_),
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
    const auto row = [&](Index state) { return left + (state * sequences_ + b) * hidden_; };
    bool finite = true;
    for (Index state = 0; state < states_; ++state) {
      finite = finite && std::all_of(row(state), row(state) + hidden_,
                                     [](float value) { return std::isfinite(value); });
    }
    for (Index state = 0; !finite && state < states_; ++state) {
      std::fill_n(row(state), hidden_, 0.0f);
    }
  }
}

}  // namespace lockstep
