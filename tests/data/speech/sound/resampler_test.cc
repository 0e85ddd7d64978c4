#include "data/speech/sound/resampler.h"

#include <gtest/gtest.h>

#include <cmath>
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

constexpr double kTolerance = 0.1;  // of an amplitude of 10000: -100 dB

TEST(Resampler, ATonePassesWithItsAmplitudeFrequencyAndPhase) {
  for (const auto& [from, to] :
       {std::pair{44100.0, 16000.0}, {8000.0, 16000.0}, {48000.0, 8000.0}}) {
    const std::vector<float> got = Resample(Tone(1000, from, static_cast<Index>(from)), to / from);
    ASSERT_EQ(static_cast<double>(got.size()), to);
    EXPECT_LE(WorstMiddleError(got, Tone(1000, to, static_cast<Index>(to))), kTolerance) << from;
  }
}

TEST(Resampler, ATooHighToneVanishes) {
  const std::vector<float> got = Resample(Tone(10'000, 44100, 44100), 16000 / 44100.0);
  EXPECT_LE(WorstMiddleError(got, std::vector<float>(got.size())), kTolerance);
}

TEST(Resampler, TheResultDoesNotDependOnThePieces) {
  const std::vector<float> samples = KaldiSignal(16000, 20'001);
  for (const double ratio : {0.5, 1 / 0.9, 2.75625, 1.0}) {
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

TEST(Resampler, LengthIsTheRoundedProduct) {
  for (const double ratio : {0.37, 1 / 1.1, 1.0, 3.0}) {
    for (Index samples : {0, 1, 2, 5, 4095, 4096, 4097, 10'000}) {
      const std::vector<float> got = Resample(Tone(100, 16000, samples), ratio);
      EXPECT_EQ(static_cast<Index>(got.size()), std::llround(static_cast<double>(samples) * ratio));
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
