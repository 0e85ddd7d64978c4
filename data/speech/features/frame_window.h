// Prepares the samples of a frame for the Fourier transform: removes the mean, raises high
// frequencies, applies the window, and appends zeros.
#pragma once

#include <vector>

#include "base/types.h"
#include "data/speech/features/feature_options.h"

namespace lockstep {

class FrameWindow {
 public:
  explicit FrameWindow(const FeatureOptions& options);

  // Sets `windowed` [FftSize()] from `frame` [FrameLength()] by x = frame - mean,
  // y(n) = (x(n) - preemphasis x(n-1)) w(n), with x(-1) = x(0).
  void Apply(const float* frame, float* windowed);
  // The energy of the last frame: the sum of x^2 (with raw_energy) or of y^2. Computed only when
  // called.
  double Energy(const float* windowed) const;

 private:
  Index length_;
  bool remove_mean_;
  bool raw_energy_;
  float preemphasis_;
  std::vector<float> window_;    // w [FrameLength()]
  std::vector<float> centered_;  // x(n) at n + 1, x(-1) first
  Index fft_size_;
};

}  // namespace lockstep
