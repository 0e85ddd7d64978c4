#include "data/speech/sound/resampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "tests/data/speech/features/kaldi_signal.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

std::vector<float> Tone(double frequency, double rate, Index samples) {
  std::vector<float> tone;
  for (Index n = 0; n < samples; ++n) {
    const double angle = 2 * std::numbers::pi * frequency * static_cast<double>(n) / rate;
    tone.push_back(static_cast<float>(10000 * std::sin(angle)));
  }
  return tone;
}

// Away from the ends, where the filter sees the silence around the recording.
double WorstMiddleError(const std::vector<float>& got, const std::vector<float>& expected) {
  double worst = 0;
  for (std::size_t n = got.size() / 4; n < got.size() * 3 / 4; ++n) {
    worst = std::max(worst, std::abs(static_cast<double>(got[n]) - expected[n]));
  }
  return worst;
}

constexpr double kTolerance = 0.05;  // of an amplitude of 10000: -106 dB; the filter has -110

struct Rates {
  double from;
  double to;
  double lowest_nyquist() const { return std::min(from, to) / 2; }
};

// 45731.7 Hz is 44.1 kHz made faster by 1.037: too many phases for a row each.
constexpr Rates kRates[] = {{44100, 16000}, {48000, 16000}, {32000, 16000},  {22050, 16000},
                            {11025, 16000}, {8000, 16000},  {48000, 8000},   {44100, 8000},
                            {16000, 8000},  {48510, 16000}, {45731.7, 16000}};

TEST(Resampler, ATonePassesWithItsAmplitudeFrequencyAndPhase) {
  for (const Rates& rates : kRates) {
    for (const double part : {0.01, 0.5, 0.9, 0.92}) {
      const double frequency = part * rates.lowest_nyquist();
      const std::vector<float> got = Resample(
          Tone(frequency, rates.from, static_cast<Index>(rates.from)), rates.to / rates.from);
      const auto expected = Tone(frequency, rates.to, static_cast<Index>(got.size()));
      EXPECT_LE(WorstMiddleError(got, expected), kTolerance) << rates.from << ", " << frequency;
    }
  }
}

TEST(Resampler, ATooHighToneVanishes) {
  for (const Rates& rates : kRates) {
    for (const double part : {1.01, 1.1, 1.3}) {
      const double frequency = part * rates.lowest_nyquist();
      if (frequency >= rates.from / 2) continue;
      const std::vector<float> got = Resample(
          Tone(frequency, rates.from, static_cast<Index>(rates.from)), rates.to / rates.from);
      EXPECT_LE(WorstMiddleError(got, std::vector<float>(got.size())), kTolerance)
          << rates.from << ", " << frequency;
    }
  }
}

// The sum of what all phases give for an impulse is 1 per phase: a constant passes.
TEST(Resampler, AConstantPassesAwayFromTheEnds) {
  const std::vector<float> constant(44100, 10000);
  const std::vector<float> got = Resample(constant, 16000.0 / 44100);
  EXPECT_LE(WorstMiddleError(got, std::vector<float>(got.size(), 10000)), kTolerance);
}

// Known from a build without vector instructions; see base/function_clones.h.
TEST(Resampler, TheBitsAreTheSameOnEveryMachine) {
  std::vector<float> samples;
  for (int n = 0; n < 5000; ++n) samples.push_back(static_cast<float>(n * 7919 % 10'007 - 5000));
  std::uint64_t hash = 1;
  for (const double ratio : {16000.0 / 44100, 0.5, 1 / 1.1, 2.0, 16000 / 45731.7}) {
    for (const float sample : Resample(samples, ratio)) {
      hash = hash * 6364136223846793005u + std::bit_cast<std::uint32_t>(sample);
    }
  }
  EXPECT_EQ(hash, 1239534064282561878u);
}

TEST(AsFraction, FindsTheTermsOfUsualRatios) {
  EXPECT_EQ(AsFraction(16000.0 / 44100), (RateRatio{160, 441}));
  EXPECT_EQ(AsFraction(16000 / (44100 * 1.1)), (RateRatio{1600, 4851}));
  EXPECT_EQ(AsFraction(1 / 0.9), (RateRatio{10, 9}));
  EXPECT_EQ(AsFraction(1), (RateRatio{1, 1}));
  EXPECT_EQ(AsFraction(1.0 / 256), (RateRatio{1, 256}));
}

TEST(AsFraction, ComesNearOtherNumbersWithTermsOfLimitedSize) {
  for (const double ratio : {std::numbers::pi, 1 / std::numbers::e, 1 + 1e-9, 100 + 1e-8}) {
    const RateRatio got = AsFraction(ratio);
    EXPECT_LE(std::max(got.up, got.down), RateRatio::kLargestTerm);
    EXPECT_NEAR(static_cast<double>(got.up) / static_cast<double>(got.down), ratio, 1e-8 * ratio);
  }
}

TEST(Resampler, TheResultDoesNotDependOnThePieces) {
  const std::vector<float> samples = KaldiSignal(16000, 20'001);
  for (const double ratio : {0.5, 1 / 0.9, 2.75625, 1.0, 1 / 1.037, 1 / 200.0}) {
    const std::vector<float> whole = Resample(samples, ratio);
    Resampler resampler(ratio);
    for (std::size_t piece : {1u, 1000u, 4096u, 20'001u}) {
      std::vector<float> got;
      for (std::size_t begin = 0; begin < samples.size(); begin += piece) {
        resampler.Add(std::span(samples).subspan(begin, std::min(piece, samples.size() - begin)),
                      &got);
      }
      resampler.Finish(&got);
      ASSERT_EQ(got, whole) << ratio << ", pieces of " << piece;
    }
  }
}

TEST(Resampler, LengthIsTheProductRoundedUp) {
  for (const auto& [up, down] : {std::pair{37, 100}, {10, 11}, {1, 1}, {3, 1}, {160, 441}}) {
    for (Index samples : {0, 1, 2, 5, 441, 4095, 4096, 4097, 10'000}) {
      const double ratio = static_cast<double>(up) / down;
      const std::vector<float> got = Resample(Tone(100, 16000, samples), ratio);
      EXPECT_EQ(static_cast<Index>(got.size()), (samples * up + down - 1) / down) << ratio;
    }
  }
}

TEST(Resampler, EqualRatesPassUnchanged) {
  const std::vector<float> samples = KaldiSignal(16000, 5000);
  EXPECT_EQ(Resample(samples, 1), samples);
}

TEST(Resampler, AbsurdRatiosAreRefused) {
  for (const double ratio : {0.0, -1.0, 257.0, std::nan("")}) {
    ExpectError(ExitCode::kUsage, "allowed are 1/256 .. 256", [&] { Resampler{ratio}; });
  }
}

}  // namespace
}  // namespace lockstep
