// The states that the layers of a decoder start from: s = tanh(W p + b) for each layer (and, with
// LSTMs, for its output and its cell state), where p is what is known of the source as a whole
// (Bahdanau et al. 2015, section A.2.2).
//
// Parameters: bridge.weight [layers * states * H, P], bridge.bias.
#pragma once

#include "worker/layers/decoder_slot.h"
#include "worker/layers/direction_walk.h"
#include "worker/layers/linear_layer.h"

namespace lockstep {

template <typename S>
class StateBridge {
 public:
  // For `layers` layers with `states` state vectors (StateCount) of `hidden_size` (H) each.
  StateBridge(Index pooled_width, Index layers, Index states, Index hidden_size,
              Precision precision, ParameterLayout* layout);

  ElementRange Elements() const { return linear_.Elements(); }
  Index width() const { return linear_.output_size(); }  // layers * states * H

  // In the workspace. The arrays of the targets are [layers, states, targets, H].
  struct Saved {
    S* states = nullptr;  // [sources, layers * states * H]
    S* initial = nullptr;
    S* d_initial = nullptr;  // null: not wanted
    Index targets = 0;
  };
  // Reads pooled [sources, P].
  Saved Forward(const DecoderSlot& slot, const S* pooled, const S* values,
                Workspace* workspace) const;
  // Where the arrays of a layer begin: [states, targets, H].
  Index FirstOf(Index layer, const Saved& saved) const {
    return layer * states_ * saved.targets * hidden_size_;
  }
  // Where a layer finds its initial states, and puts their gradient.
  CarriedRows<S> Of(Index layer, const Saved& saved) const;
  // After the layers have put their gradients there: sets d_pooled [sources, P] and adds to the
  // flat gradient.
  void Backward(const DecoderSlot& slot, const Saved& saved, const S* pooled, const S* values,
                S* d_pooled, S* gradient, Workspace* workspace) const;

  Index KeptBytes(Index sources) const;
  Index ScratchBytes(Index sources) const;
  double FlopsPerSequence() const { return linear_.FlopsPerRow(); }

 private:
  Index layers_, states_, hidden_size_;
  LinearLayer<S> linear_;
};

}  // namespace lockstep
