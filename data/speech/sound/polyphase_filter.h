// A low-pass filter for a change of the sample rate by L / M, computed once per ratio: a sinc under
// a Kaiser window (Kaiser and Schafer 1980; Smith, "Digital Audio Resampling"), cut into phases.
// Output sample n lies at n M / L on the time axis of the input. It is the product of one row of
// the filter, which depends on the fraction (n M mod L) / L only, with the input samples around
// that point.
//
// Attenuation outside of the band: 110 dB. What passes: 92 % of the band that both rates have.
//
// The coefficients are computed from additions, products and quotients only, not by functions of
// the C library, and so have the same bits on every machine.
#pragma once

#include <memory>
#include <vector>

#include "base/types.h"

namespace lockstep {

// A positive fraction in lowest terms.
struct RateRatio {
  static constexpr Index kLargestTerm = Index{1} << 22;

  Index up = 1;    // L
  Index down = 1;  // M
  bool operator==(const RateRatio&) const = default;

  // The number of output samples for `samples` input samples: those at times before the end, which
  // are samples L / M, rounded up. Exact below 2^40 samples.
  Index Samples(Index samples) const;
};

// The first continued fraction of `ratio` (in [1/256, 256]) that is right to 1e-13, or else the
// best one whose terms are at most kLargestTerm.
RateRatio AsFraction(double ratio);

class PolyphaseFilter {
 public:
  explicit PolyphaseFilter(RateRatio ratio);

  // The sample at `fraction` / L (0 <= fraction < L) after the input sample before it. `samples`
  // points to taps() samples; number taps() / 2 - 1 is the one before the output sample.
  float At(Index fraction, const float* samples) const;

  Index taps() const { return taps_; }
  RateRatio ratio() const { return ratio_; }

 private:
  RateRatio ratio_;
  Index taps_ = 0;
  // Number of rows per input sample. It is L if that makes a small table; then each output sample
  // has its own row. Otherwise outputs are interpolated between those of two neighbouring rows,
  // which are near enough for an error of -118 dB, and there is one row more.
  Index phases_ = 0;
  std::vector<float> rows_;  // [phases_ or phases_ + 1, taps_]
};

// The filter for a ratio. Those used last are kept for the whole program, for all threads.
std::shared_ptr<const PolyphaseFilter> FilterFor(RateRatio ratio);

}  // namespace lockstep
