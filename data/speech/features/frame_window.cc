#include "data/speech/features/frame_window.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/function_clones.h"
#include "data/speech/sound/vector_math.h"

namespace lockstep {
namespace {

double WindowValue(WindowKind kind, double angle) {
  switch (kind) {
    case WindowKind::kPovey:
      return std::pow(0.5 - 0.5 * std::cos(angle), 0.85);
    case WindowKind::kHamming:
      return 0.54 - 0.46 * std::cos(angle);
    case WindowKind::kHann:
      return 0.5 - 0.5 * std::cos(angle);
    case WindowKind::kRectangular:
      break;
  }
  return 1;
}

LOCKSTEP_CLONES void Subtract(const float* values, float mean, Index count, float* centered) {
  for (Index n = 0; n < count; ++n) centered[n] = values[n] - mean;
}

// `x` points at x(0); x(-1) is before it.
LOCKSTEP_CLONES void EmphasiseAndWeight(const float* x, const float* window, float preemphasis,
                                        Index count, float* y) {
  for (Index n = 0; n < count; ++n) y[n] = (x[n] - preemphasis * x[n - 1]) * window[n];
}

}  // namespace

FrameWindow::FrameWindow(const FeatureOptions& options)
    : length_(options.FrameLength()),
      remove_mean_(options.remove_dc_offset),
      raw_energy_(options.raw_energy),
      preemphasis_(static_cast<float>(options.preemphasis)),
      centered_(static_cast<std::size_t>(length_ + 1)),
      fft_size_(options.FftSize()) {
  const double step = 2 * std::numbers::pi / static_cast<double>(length_ - 1);
  for (Index n = 0; n < length_; ++n) {
    const double value = WindowValue(options.window, step * static_cast<double>(n));
    window_.push_back(static_cast<float>(value));
  }
}

void FrameWindow::Apply(const float* frame, float* windowed) {
  float* x = centered_.data() + 1;
  Subtract(frame, remove_mean_ ? Mean(frame, length_) : 0.0f, length_, x);
  x[-1] = x[0];
  EmphasiseAndWeight(x, window_.data(), preemphasis_, length_, windowed);
  std::fill(windowed + length_, windowed + fft_size_, 0.0f);
}

double FrameWindow::Energy(const float* windowed) const {
  return SumOfSquares(raw_energy_ ? centered_.data() + 1 : windowed, length_);
}

}  // namespace lockstep
