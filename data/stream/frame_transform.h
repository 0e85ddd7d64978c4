// What happens to the frames of a sample between the shard and the batch: random changes that make
// one recording into many (training only), then stacking of neighbours, so that the network takes
// fewer and wider steps. Everything random is a function of (seed, epoch, sample id).
//
// Masks: SpecAugment (Park et al. 2019), on features whose mean is 0. Stretching in time: as speed
// perturbation (Ko et al. 2015), but of features, so that pitch and formants stay.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/counter_rng.h"
#include "base/types.h"

namespace lockstep {

struct FrameOptions {
  Index stack = 1;   // frames joined to the input of one step
  Index stride = 1;  // frames from one step to the next
  // The rest is for training.
  double stretch = 0;  // the duration changes by a factor of 1 - stretch .. 1 + stretch
  Index time_masks = 0;
  Index time_mask_frames = 0;  // of the longest mask; never more than a fifth of the frames
  Index band_masks = 0;
  Index band_mask_bins = 0;  // of the widest mask
  double noise = 0;          // standard deviation of what is added to every value
  // Features of a frame are `width / bins` blocks of the same bins: values, deltas, their deltas.
  // 0: one block.
  Index bins = 0;

  FrameOptions WithoutAugmentation() const { return {.stack = stack, .stride = stride}; }
  bool IsIdentity() const;
};

class FrameTransform {
 public:
  // For frames of `width` values.
  FrameTransform(const FrameOptions& options, std::uint64_t seed, Index width);

  Index output_width() const { return options_.stack * width_; }
  // Steps of a sample of `frames` frames in an epoch: its duration is drawn, but `targets` labels
  // that could be aligned before still can be.
  Index Steps(Index frames, Index targets, Index epoch, std::uint64_t sample_id) const;
  // No sample of at most `frames` frames has more, before stacking and after.
  Index MostFrames(Index frames) const;
  Index MostSteps(Index frames) const { return StepsOf(MostFrames(frames)); }

  // Makes room for a sample of so many frames, so that Apply need not allocate.
  void Reserve(Index frames);

  // The changed frames of a sample; valid until the next call. Row i of the stacked input is
  // Stacked(i).
  void Apply(std::span<const float> frames, Index targets, Index epoch, std::uint64_t sample_id);
  Index steps() const { return StepsOf(frames_); }
  // Sets `row` [output_width()] to the input of a step. Frames before the first and after the last
  // are taken as these two.
  void Stack(Index step, float* row) const;

 private:
  CounterRng Rng(Index epoch, std::uint64_t sample_id) const;
  Index FramesAfterStretch(Index frames, Index targets, const CounterRng& rng) const;
  Index StepsOf(Index frames) const { return (frames + options_.stride - 1) / options_.stride; }
  void Stretch(std::span<const float> frames);
  void MaskTime(const CounterRng& rng);
  void MaskBands(const CounterRng& rng);
  void AddNoise(const CounterRng& rng);
  float* Frame(Index t) { return values_.data() + t * width_; }

  FrameOptions options_;
  std::uint64_t seed_;
  Index width_;
  Index frames_ = 0;
  std::vector<float> values_;  // [frames_, width_]
};

}  // namespace lockstep
