// Other sample rates, through libsamplerate's best band-limited interpolation (97 % of the band,
// 144 dB down outside). In constant memory; the result does not depend on how the input is cut.
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

  // `ratio`: samples that come out for one that goes in, 1/256 .. 256, else UsageError. To change
  // the rate: new rate / old rate. To speak f times as fast, pitch included, as sox's `speed` and
  // Kaldi's perturbation do: 1 / f. With 1 samples pass unchanged.
  explicit Resampler(double ratio);
  ~Resampler();
  Resampler(Resampler&&) noexcept;

  // Of a recording of `samples`: samples * ratio, rounded.
  Index Samples(Index samples) const;
  // Appends what is complete with these samples.
  void Add(std::span<const float> samples, std::vector<float>* resampled);
  // The recording has ended: appends the rest, Samples(added) in all. Ready for the next one.
  void Finish(std::vector<float>* resampled);

 private:
  struct Delete {
    void operator()(SRC_STATE_tag* state) const;
  };

  void Process(bool at_end, std::vector<float>* resampled);

  double ratio_;
  std::unique_ptr<SRC_STATE_tag, Delete> state_;
  std::vector<float> block_;  // the library always sees whole blocks but for the last
  std::vector<float> output_;
  Index received_ = 0;
  Index produced_ = 0;
};

// A whole recording.
std::vector<float> Resample(std::span<const float> samples, double ratio);

}  // namespace lockstep
