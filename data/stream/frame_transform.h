// Changes the frames of a sample between the shard and the batch: first augmentation, random
// changes for training, then stacking of neighbouring frames, so that the network has fewer and
// wider steps. All random choices are functions of (seed, epoch, sample id).
//
// Masks are those of SpecAugment (Park et al. 2019), for features with mean 0. Stretching in time
// is like speed perturbation (Ko et al. 2015), but applied to features, so that pitch and formants
// do not change.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/counter_rng.h"
#include "base/types.h"
#include "data/stream/energy_mix.h"
#include "data/stream/frequency_warp.h"

namespace lockstep {

struct FrameOptions {
  Index stack = 1;   // number of frames that form the input of one step
  Index stride = 1;  // number of frames from one step to the next
  // The following options are for training only.
  double stretch = 0;          // changes the duration by a factor in [1 - stretch, 1 + stretch]
  Index time_masks = 0;        // number of time masks per sample
  Index time_mask_frames = 0;  // longest time mask; at most a fifth of the frames is used
  Index band_masks = 0;        // number of frequency masks per sample
  Index band_mask_bins = 0;    // widest frequency mask
  double noise = 0;            // standard deviation of the noise that is added to every value
  // Standard deviation of a constant that is drawn for each sample and bin, and added to all frames
  // of the first block: another microphone multiplies the spectrum, so it adds a constant to
  // log energies and to cepstra. Differences in time, in the other blocks, do not change.
  double channel = 0;
  // The features of a frame are width / bins blocks with the same bins: values, deltas, and deltas
  // of deltas. A frequency mask covers the same bins of each block. 0: there is one block.
  Index bins = 0;

  FrameOptions WithoutAugmentation() const { return {.stack = stack, .stride = stride}; }
  bool IsIdentity() const;
};

class FrameTransform {
 public:
  // For frames of `width` values.
  FrameTransform(const FrameOptions& options, std::uint64_t seed, Index width);

  Index output_width() const { return options_.stack * width_; }
  // The number of steps that a sample of `frames` frames has in an epoch. The stretch is random,
  // but does not make a sample too short for its `targets` labels.
  Index Steps(Index frames, Index targets, Index epoch, std::uint64_t sample_id) const;
  // The most frames, and the most steps, that a sample of at most `frames` frames can have.
  Index MostFrames(Index frames) const;
  Index MostSteps(Index frames) const { return StepsOf(MostFrames(frames)); }

  // Allocates memory for samples of up to `frames` frames, so that Apply does not have to.
  void Reserve(Index frames);

  // From now on Apply mixes the frames by `mixer`, which must outlive this; null: it does not.
  void MixBy(EnergyMixer* mixer) { mixer_ = mixer; }
  // From now on Apply warps the frames by `warp`, which must outlive this.
  void WarpBy(FrequencyWarp* warp) { warp_ = warp; }

  // Computes the augmented frames of a sample; steps() and Stack refer to them until the next call.
  void Apply(std::span<const float> frames, Index targets, Index epoch, std::uint64_t sample_id);
  Index steps() const { return StepsOf(frames_); }
  // Sets `row` [output_width()] to the input of a step. Where its window extends beyond the sample,
  // the first or the last frame is repeated.
  void Stack(Index step, float* row) const;

 private:
  CounterRng Rng(Index epoch, std::uint64_t sample_id) const;
  Index FramesAfterStretch(Index frames, Index targets, const CounterRng& rng) const;
  Index StepsOf(Index frames) const { return (frames + options_.stride - 1) / options_.stride; }
  void Stretch(std::span<const float> frames);
  void MaskTime(const CounterRng& rng);
  void MaskBands(const CounterRng& rng);
  void AddNoise(const CounterRng& rng);
  void AddChannel(const CounterRng& rng);
  float* Frame(Index t) { return values_.data() + t * width_; }

  FrameOptions options_;
  std::uint64_t seed_;
  Index width_;
  EnergyMixer* mixer_ = nullptr;
  FrequencyWarp* warp_ = nullptr;
  Index frames_ = 0;
  std::vector<float> values_;   // [frames_, width_]
  std::vector<float> channel_;  // [bins], the constants of a sample
};

}  // namespace lockstep
