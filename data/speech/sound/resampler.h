// Changes sample rates by the best band-limited interpolation of libsamplerate (97 % of the band
// passes, 144 dB attenuation outside). Takes constant memory. The result does not depend on the
// sizes of the pieces in which the input comes.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/types.h"

struct SRC_STATE_tag;

namespace lockstep {

class Resampler {
 public:
  static constexpr double kHighestRatio = 256;

  // `ratio` is the number of output samples per input sample; UsageError outside [1/256, 256]. To
  // change the rate, it is new rate / old rate. To make speech faster by a factor f, with its pitch
  // changed, too, as sox's `speed` and Kaldi's perturbation do, it is 1 / f. With 1, samples pass
  // unchanged.
  explicit Resampler(double ratio);
  ~Resampler();
  Resampler(Resampler&&) noexcept;

  // The number of output samples for a recording of `samples` samples: samples * ratio, rounded.
  Index Samples(Index samples) const;
  // Adds samples; appends the output samples that can be computed now.
  void Add(std::span<const float> samples, std::vector<float>* resampled);
  // Ends the recording: appends the rest, so that there are Samples(added) in all. Then the object
  // is ready for the next recording.
  void Finish(std::vector<float>* resampled);

 private:
  struct Delete {
    void operator()(SRC_STATE_tag* state) const;
  };

  void Process(bool at_end, std::vector<float>* resampled);

  double ratio_;
  std::unique_ptr<SRC_STATE_tag, Delete> state_;
  std::vector<float> block_;  // gathers input, as the library is given whole blocks except the last
  std::vector<float> output_;
  Index received_ = 0;
  Index produced_ = 0;
};

// Resamples a whole recording.
std::vector<float> Resample(std::span<const float> samples, double ratio);

}  // namespace lockstep
