// The parameters that a thread computes a slot with: those of the model, or a copy with noise
// (weight noise: Murray & Edwards 1994; Graves 2011, "Practical variational inference for neural
// networks", section 5; with recurrent networks Graves 2013, arXiv:1303.5778, section 4).
//
// The noise is a function of seed, step of training, slot and element, so the bits do not depend on
// ranks and threads. Each slot has noise of its own, so that its mean over a global batch is
// smaller. The gradient at the noisy values is used as that of the values themselves. Evaluation
// has no noise.
#pragma once

#include "base/aligned_buffer.h"
#include "worker/layers/dropout_key.h"

namespace lockstep {

class NoisyValues {
 public:
  NoisyValues() = default;
  // Noise of standard deviation `deviation` on `size` values; takes no memory if it is 0.
  NoisyValues(double deviation, Index size);

  // Begins a slot with the parameters `values`, which may still arrive.
  void Begin(const float* values, const DropoutKey& key);
  // Makes the elements below `end` ready to be read. They must have arrived.
  void ExtendTo(Index end);
  // The values of the slot: the parameters themselves if there is no noise.
  const float* data() const { return buffer_.size() > 0 ? buffer_.data() : values_; }
  bool has_noise() const { return buffer_.size() > 0; }

  Index bytes() const { return buffer_.size() * static_cast<Index>(sizeof(float)); }

 private:
  float deviation_ = 0;
  AlignedBuffer<float> buffer_;
  const float* values_ = nullptr;
  DropoutKey key_;
  Index ready_ = 0;  // elements of buffer_ that are set, counted from the first one
};

}  // namespace lockstep
