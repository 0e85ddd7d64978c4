#include "data/speech/sound/polyphase_filter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <mutex>
#include <numbers>

#include "data/speech/sound/vector_math.h"

namespace lockstep {
namespace {

constexpr double kPassBand = 0.92;    // of the lower of the two Nyquist frequencies
constexpr double kAttenuation = 110;  // dB
constexpr Index kTapsMultiple = 32;   // so that the loops over lanes have no remainder
// A table with one row per output phase may have this many rows times the input samples per output
// sample (0.7 MiB; 44.1 kHz to 16 kHz needs a fifth of it).
constexpr double kMostRows = 1024;
constexpr std::size_t kFiltersKept = 16;

// sin(pi t), by the Taylor series in [-pi/2, pi/2]; right to 1e-16.
double SinPi(double t) {
  double r = t - 2 * std::floor(t / 2 + 0.5);  // in [-1, 1)
  if (r > 0.5) r = 1 - r;
  if (r < -0.5) r = -1 - r;
  const double x = std::numbers::pi * r;
  double sum = 1;
  for (int k = 12; k > 0; --k) sum = 1 - x * x / (2 * k * (2 * k + 1)) * sum;
  return x * sum;
}

// The modified Bessel function of order 0, by its power series, all of whose terms are positive.
double BesselI0(double x) {
  double sum = 1;
  double term = 1;
  for (int k = 1; term > 1e-17 * sum; ++k) {
    term *= (x / 2 / k) * (x / 2 / k);
    sum += term;
  }
  return sum;
}

// The filter as a function of the time in input samples.
struct WindowedSinc {
  double cutoff;      // in cycles per input sample, times 2
  double half_width;  // the window is 0 beyond it

  double At(double time) const {
    constexpr double kBeta = 0.1102 * (kAttenuation - 8.7);  // Kaiser and Schafer 1980
    const double x = time / half_width;
    if (x <= -1 || x >= 1) return 0;
    const double turns = cutoff * time;
    const double sinc = turns == 0 ? 1 : SinPi(turns) / (std::numbers::pi * turns);
    return cutoff * sinc * BesselI0(kBeta * std::sqrt(1 - x * x)) / BesselI0(kBeta);
  }
};

}  // namespace

Index RateRatio::Samples(Index samples) const { return (samples * up + down - 1) / down; }

RateRatio AsFraction(double ratio) {
  constexpr double kExact = 1e-13;
  std::array<Index, 2> up = {0, 1};  // the last two convergents
  std::array<Index, 2> down = {1, 0};
  double rest = ratio;
  for (;;) {
    const double whole = std::floor(rest);
    const auto digit = static_cast<Index>(whole);
    const Index next_up = digit * up[1] + up[0];
    const Index next_down = digit * down[1] + down[0];
    if (std::max(next_up, next_down) > RateRatio::kLargestTerm) break;
    up = {up[1], next_up};
    down = {down[1], next_down};
    const double error = static_cast<double>(up[1]) / static_cast<double>(down[1]) - ratio;
    if (std::abs(error) <= kExact * ratio) break;
    rest = 1 / (rest - whole);
    if (!(rest < static_cast<double>(RateRatio::kLargestTerm))) break;
  }
  return {up[1], down[1]};
}

PolyphaseFilter::PolyphaseFilter(RateRatio ratio) : ratio_(ratio) {
  const double factor = static_cast<double>(ratio.up) / static_cast<double>(ratio.down);
  const double band = std::min(1.0, factor);  // Nyquist frequency that both have, of the input's
  const double transition = (1 - kPassBand) * band / 2;  // cycles per input sample
  const double taps = (kAttenuation - 7.95) / (14.36 * transition);
  taps_ = kTapsMultiple * static_cast<Index>(std::ceil(taps / kTapsMultiple));
  const WindowedSinc filter{(1 + kPassBand) / 2 * band, static_cast<double>(taps_ / 2)};
  const double most_rows = std::max(1.0, kMostRows * band);
  const bool each_has_its_own = static_cast<double>(ratio.up) <= most_rows;
  phases_ = each_has_its_own ? ratio.up : static_cast<Index>(most_rows);
  const Index rows = phases_ + (each_has_its_own ? 0 : 1);
  rows_.reserve(static_cast<std::size_t>(rows * taps_));
  for (Index row = 0; row < rows; ++row) {
    const double fraction = static_cast<double>(row) / static_cast<double>(phases_);
    for (Index tap = 0; tap < taps_; ++tap) {
      const auto sample = static_cast<double>(tap - (taps_ / 2 - 1));
      rows_.push_back(static_cast<float>(filter.At(sample - fraction)));
    }
  }
}

float PolyphaseFilter::At(Index fraction, const float* samples) const {
  if (phases_ == ratio_.up) {
    float sum;
    MultiplyVector(&rows_[static_cast<std::size_t>(fraction * taps_)], samples, 1, taps_, &sum);
    return sum;
  }
  const Index row = fraction * phases_ / ratio_.up;
  const Index rest = fraction * phases_ % ratio_.up;
  const float weight = static_cast<float>(rest) / static_cast<float>(ratio_.up);
  std::array<float, 2> sums;
  MultiplyVector(&rows_[static_cast<std::size_t>(row * taps_)], samples, 2, taps_, sums.data());
  return sums[0] + weight * (sums[1] - sums[0]);
}

std::shared_ptr<const PolyphaseFilter> FilterFor(RateRatio ratio) {
  static std::mutex mutex;
  static std::deque<std::shared_ptr<const PolyphaseFilter>> kept;  // the one used last is first
  const std::lock_guard lock(mutex);
  auto found = std::find_if(kept.begin(), kept.end(),
                            [&](const auto& filter) { return filter->ratio() == ratio; });
  auto filter = found != kept.end() ? *found : std::make_shared<const PolyphaseFilter>(ratio);
  if (found != kept.end()) kept.erase(found);
  kept.push_front(filter);
  if (kept.size() > kFiltersKept) kept.pop_back();
  return filter;
}

}  // namespace lockstep
