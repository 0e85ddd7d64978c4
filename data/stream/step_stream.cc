#include "data/stream/step_stream.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {

StepStream::StepStream(const FrameOptions& options, Index width)
    : options_(options.WithoutAugmentation()), width_(width) {
  LOCKSTEP_CHECK(options.stack >= 1 && options.stride >= 1 && width >= 1);
}

// As FrameTransform::Stack has it.
Index StepStream::First(Index step) const {
  return step * options_.stride - (options_.stack - options_.stride) / 2;
}

void StepStream::Add(std::span<const float> frames, std::vector<float>* steps) {
  LOCKSTEP_CHECK_EQ(static_cast<Index>(frames.size()) % width_, Index{0});
  kept_.insert(kept_.end(), frames.begin(), frames.end());
  while (FramesNeeded(next_) <= received()) AppendStep(steps);
  // One frame stays, because it is repeated beyond the end.
  const Index drop = std::min(First(next_), received() - 1) - kept_begin_;
  if (drop <= 0) return;
  kept_.erase(kept_.begin(), kept_.begin() + drop * width_);
  kept_begin_ += drop;
}

void StepStream::Finish(std::vector<float>* steps) {
  while (next_ * options_.stride < received()) AppendStep(steps);
  kept_.clear();
  kept_begin_ = 0;
  next_ = 0;
}

void StepStream::AppendStep(std::vector<float>* steps) {
  const Index first = First(next_++), last = received() - 1;
  for (Index k = 0; k < options_.stack; ++k) {
    const Index frame = std::clamp<Index>(first + k, 0, last) - kept_begin_;
    const auto from = kept_.begin() + frame * width_;
    steps->insert(steps->end(), from, from + width_);
  }
}

}  // namespace lockstep
