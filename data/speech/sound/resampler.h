// Changes sample rates by band-limited interpolation (data/speech/sound/polyphase_filter: 92 % of
// the band passes, 110 dB attenuation outside). Takes constant memory. Every output sample is a
// function of the input samples around it, whatever the pieces in which the input comes, and has
// the same bits on every machine.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/types.h"
#include "data/speech/sound/polyphase_filter.h"

namespace lockstep {

class Resampler {
 public:
  static constexpr double kHighestRatio = 256;

  // `ratio` is the number of output samples per input sample; UsageError outside [1/256, 256]. To
  // change the rate, it is new rate / old rate. To make speech faster by a factor f, with its pitch
  // changed, too, as sox's `speed` and Kaldi's perturbation do, it is 1 / f. With 1, samples pass
  // unchanged.
  explicit Resampler(double ratio);

  // The number of output samples for a recording of `samples` samples: samples * ratio, rounded up.
  Index Samples(Index samples) const { return ratio_.Samples(samples); }
  // The number of input samples after which output sample number `sample` can be computed.
  Index Needed(Index sample) const;
  // Adds samples; appends the output samples that can be computed now.
  void Add(std::span<const float> samples, std::vector<float>* resampled);
  // Ends the recording: appends the rest, so that there are Samples(added) in all. Then the object
  // is ready for the next recording.
  void Finish(std::vector<float>* resampled);

 private:
  void Begin();
  void AddPiece(std::span<const float> samples, std::vector<float>* resampled);
  void Produce(Index end, std::vector<float>* resampled);

  RateRatio ratio_;
  std::shared_ptr<const PolyphaseFilter> filter_;  // null if samples pass unchanged
  std::vector<float> held_;  // input samples that are still needed, and those added last
  std::size_t used_ = 0;     // number of samples at the beginning of held_ that are not needed
  Index received_ = 0;       // input samples
  Index produced_ = 0;       // output samples
  Index fraction_ = 0;       // of the next output sample, see PolyphaseFilter::At
};

// Resamples a whole recording.
std::vector<float> Resample(std::span<const float> samples, double ratio);

}  // namespace lockstep
