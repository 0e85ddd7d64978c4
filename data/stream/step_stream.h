// The inputs of steps from frames that come in pieces: the rows that FrameTransform::Stack gives
// for a whole sample, without augmentation, bit for bit. Memory is that of one step's window.
#pragma once

#include <span>
#include <vector>

#include "data/stream/frame_transform.h"

namespace lockstep {

class StepStream {
 public:
  // For frames of `width` values. Of the options, only stack and stride count.
  StepStream(const FrameOptions& options, Index width);

  Index output_width() const { return options_.stack * width_; }
  // The number of frames after which the input of a step is known, unless the sample ends before.
  Index FramesNeeded(Index step) const { return First(step) + options_.stack; }

  // Adds frames [n, width]; appends the steps [m, output_width()] that are known now.
  void Add(std::span<const float> frames, std::vector<float>* steps);
  // Ends the sample: appends the rest. Then the object is ready for the next one.
  void Finish(std::vector<float>* steps);

 private:
  Index First(Index step) const;
  void AppendStep(std::vector<float>* steps);
  Index received() const { return kept_begin_ + static_cast<Index>(kept_.size()) / width_; }

  FrameOptions options_;
  Index width_;
  std::vector<float> kept_;  // the frames from number kept_begin_ on
  Index kept_begin_ = 0;
  Index next_ = 0;  // the step that comes next
};

}  // namespace lockstep
