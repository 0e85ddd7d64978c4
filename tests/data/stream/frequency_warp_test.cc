// Warps of the frequency axis: closed forms, and cepstra against mel bands.
#include "data/stream/frequency_warp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "data/stream/frame_transform.h"

namespace lockstep {
namespace {

using std::numbers::pi;

CounterRng Rng(std::uint64_t sample) { return CounterRng(1, RandomPurpose::kFrames, 0, sample); }

std::vector<float> Warped(const FrequencyWarpOptions& options, Index bins, std::uint64_t sample,
                          std::vector<float> frames, Index width = 0) {
  FrequencyWarp(options, width == 0 ? bins : width, bins).Apply(Rng(sample), frames);
  return frames;
}

// The energy of band j is its place, so that a warped band tells where it came from.
std::vector<float> Places(Index bands) {
  std::vector<float> places;
  for (Index j = 0; j < bands; ++j) {
    places.push_back((static_cast<float>(j) + 0.5f) / static_cast<float>(bands));
  }
  return places;
}

// The a that is drawn for a sample. The middle comes from w(1/2) = 1/2 + 2/pi atan(a).
class DrawnWarps {
 public:
  explicit DrawnWarps(double largest) : warp_({.largest = largest}, kBands, kBands) {}
  double Of(std::uint64_t sample) {
    std::vector<float> places = Places(kBands);
    warp_.Apply(Rng(sample), places);
    return std::tan((places[kBands / 2] - 0.5) * pi / 2);
  }

 private:
  static constexpr Index kBands = 101;
  FrequencyWarp warp_;
};

TEST(FrequencyWarp, IsDrawnEvenlyInBothDirections) {
  DrawnWarps warps(0.1);
  double sum = 0, squares = 0, most = 0;
  constexpr std::uint64_t kSamples = 400;
  for (std::uint64_t sample = 0; sample < kSamples; ++sample) {
    const double a = warps.Of(sample);
    sum += a;
    squares += a * a;
    most = std::max(most, std::abs(a));
  }
  EXPECT_NEAR(sum / kSamples, 0, 0.01);
  EXPECT_NEAR(std::sqrt(squares / kSamples), 0.1 / std::sqrt(3), 0.006);
  EXPECT_NEAR(most, 0.1, 0.002);
}

TEST(FrequencyWarp, MovesEachBandByTheAllPassFunctionAndKeepsTheEnds) {
  constexpr Index kBands = 50;
  const double a = DrawnWarps(0.2).Of(7);
  const auto places = Warped({.largest = 0.2}, kBands, 7, Places(kBands));
  for (Index j = 0; j < kBands; ++j) {
    const double u = (static_cast<double>(j) + 0.5) / kBands;
    const double w = u + 2 / pi * std::atan(a * std::sin(pi * u) / (1 - a * std::cos(pi * u)));
    EXPECT_NEAR(places[static_cast<std::size_t>(j)], std::clamp(w, 0.5 / kBands, 1 - 0.5 / kBands),
                1e-5);
  }
}

// Coefficient k is its weight times the mean over bands of cos(pi k u) S(u).
std::vector<float> Cepstra(const std::vector<float>& bands, const std::vector<double>& weights) {
  std::vector<float> cepstra;
  for (std::size_t k = 0; k < weights.size(); ++k) {
    double sum = 0;
    for (std::size_t j = 0; j < bands.size(); ++j) {
      const double u = (static_cast<double>(j) + 0.5) / static_cast<double>(bands.size());
      sum += std::cos(pi * static_cast<double>(k) * u) * bands[j];
    }
    cepstra.push_back(static_cast<float>(weights[k] * sum / static_cast<double>(bands.size())));
  }
  return cepstra;
}

TEST(FrequencyWarp, OfCepstraIsThatOfTheBandsThatTheyAreOf) {
  constexpr Index kBands = 400, kCepstra = 8;
  std::vector<float> bands;
  for (Index j = 0; j < kBands; ++j) {
    const double u = (static_cast<double>(j) + 0.5) / kBands;
    bands.push_back(static_cast<float>(2 + std::cos(pi * u) - 3 * std::cos(2 * pi * u) +
                                       0.5 * std::cos(5 * pi * u)));
  }
  const std::vector<double> weights{1, 2, 3, 4, 3, 2, 1, 0.5};
  const FrequencyWarpOptions of_cepstra{.largest = 0.1, .cepstra = true, .weights = weights};
  for (std::uint64_t sample = 0; sample < 5; ++sample) {
    const auto found = Warped(of_cepstra, kCepstra, sample, Cepstra(bands, weights));
    const auto expected = Cepstra(Warped({.largest = 0.1}, kBands, sample, bands), weights);
    for (std::size_t k = 0; k < weights.size(); ++k) EXPECT_NEAR(found[k], expected[k], 1e-3) << k;
  }
}

// Two frames of values and deltas; the deltas have deviations of their own.
TEST(FrequencyWarp, OfNormalisedFeaturesIsThatOfTheFeatures) {
  const std::vector<double> mean{1, 2, 3, 0, 0, 0}, deviation{2, 1, 4, 0.5, 0.25, 1};
  const std::vector<float> frames{1, 0, -1, 2, 1, 0.5f, 3, 2, 1, 0, -1, 1};
  std::vector<float> raw, expected;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    raw.push_back(static_cast<float>(frames[i] * deviation[i % 6] + mean[i % 6]));
  }
  const std::vector<float> warped = Warped({.largest = 0.3, .cepstra = true}, 3, 4, raw, 6);
  FrequencyWarpOptions options{.largest = 0.3, .cepstra = true, .mean = mean};
  options.deviation = deviation;
  const std::vector<float> found = Warped(options, 3, 4, frames, 6);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    EXPECT_NEAR(found[i], (warped[i] - mean[i % 6]) / deviation[i % 6], 1e-5) << i;
  }
}

// A mean that is half that of the sample moves half as far as the spectrum does.
TEST(FrequencyWarp, MovesTheMeanByTheShareThatIsNotOfTheSample) {
  FrequencyWarpOptions options{.largest = 0.3, .cepstra = true, .mean = {1, 2, 3}};
  options.deviation = {1, 1, 1};
  const std::vector<float> zeros(3 * 10, 0.0f);
  const std::vector<float> all = Warped(options, 3, 4, zeros);
  options.mean_frames = 10;
  const std::vector<float> half = Warped(options, 3, 4, zeros);
  EXPECT_NE(all[1], 0);
  for (std::size_t i = 0; i < zeros.size(); ++i) EXPECT_NEAR(half[i], all[i] / 2, 1e-6);
}

// Less, from each frame, the mean of `prior` frames of `mean` and of the frames up to it, which are
// forgotten by and by. Written out for the test.
std::vector<float> WithoutRunningMean(std::vector<float> frames, const std::vector<double>& mean,
                                      double prior, double forgetting_frames) {
  const double decay = 1 - 1 / forgetting_frames;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    double sum = prior * mean[i], count = prior;
    for (std::size_t at = i; at < frames.size(); at += mean.size()) {
      sum = decay * sum + frames[at];
      count = decay * count + 1;
      frames[at] = static_cast<float>(frames[at] - sum / count);
    }
  }
  return frames;
}

TEST(FrequencyWarp, MovesTheRunningMeanByWhatIsLeftOfTheTrainingSplit) {
  const std::vector<double> mean{1, 2, 3};
  std::vector<float> raw;
  for (int i = 0; i < 3 * 20; ++i) raw.push_back(static_cast<float>(3 * std::sin(i)));
  FrequencyWarpOptions options{.largest = 0.3, .cepstra = true, .mean = mean};
  options.deviation = {1, 1, 1};
  options.mean_frames = 4;
  options.forgetting_frames = 7;
  const auto found = Warped(options, 3, 4, WithoutRunningMean(raw, mean, 4, 7));
  const auto warped = Warped({.largest = 0.3, .cepstra = true}, 3, 4, raw);
  const auto expected = WithoutRunningMean(warped, mean, 4, 7);
  for (std::size_t i = 0; i < raw.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-5) << i;
}

TEST(FrequencyWarp, IsPartOfTheAugmentationOfFrames) {
  FrequencyWarp warp({.largest = 0.3, .cepstra = true}, 3, 3);
  const std::vector<float> frames{1, 0, -1, 2, 1, 0.5f};
  FrameTransform transform({}, 1, 3);
  transform.Reserve(2);
  transform.WarpBy(&warp);
  transform.Apply(frames, 1, 0, 9);
  std::vector<float> row(3);
  transform.Stack(1, row.data());
  const std::vector<float> expected = Warped({.largest = 0.3, .cepstra = true}, 3, 9, frames);
  EXPECT_TRUE(std::equal(row.begin(), row.end(), expected.begin() + 3));
}

}  // namespace
}  // namespace lockstep
