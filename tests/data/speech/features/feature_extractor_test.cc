#include "data/speech/features/feature_extractor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/hash.h"
#include "tests/data/speech/features/kaldi_signal.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

std::vector<float> Compute(const FeatureOptions& options, const std::vector<float>& samples) {
  FeatureExtractor extractor(options);
  const Index frames = extractor.Frames(static_cast<Index>(samples.size()));
  std::vector<float> rows(static_cast<std::size_t>(frames * extractor.width()));
  extractor.Compute(samples, rows.data());
  return rows;
}

std::vector<float> Tone(double frequency, double amplitude) {
  std::vector<float> tone;
  for (int n = 0; n < 16000; ++n) {
    tone.push_back(
        static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * frequency * n / 16000)));
  }
  return tone;
}

// The middle of band b is at mel(20) + (b + 1) (mel(8000) - mel(20)) / 41.
TEST(FeatureExtractor, APureToneIsStrongestInItsBand) {
  const auto mel = [](double f) { return 1127 * std::log(1 + f / 700); };
  for (Index bin : {10, 20, 30, 39}) {
    const double middle = mel(20) + static_cast<double>(bin + 1) * (mel(8000) - mel(20)) / 41;
    const std::vector<float> rows =
        Compute({.num_mel_bins = 40}, Tone(700 * (std::exp(middle / 1127) - 1), 1000));
    const auto row = rows.begin() + 50 * 40;
    EXPECT_EQ(std::max_element(row, row + 40) - row, bin);
  }
}

TEST(FeatureExtractor, TwiceTheSoundIsLog4More) {
  const std::vector<float> quiet = Compute({.use_energy = true}, Tone(1000, 1000));
  const std::vector<float> loud = Compute({.use_energy = true}, Tone(1000, 2000));
  for (Index i : {0, 20, 80}) EXPECT_NEAR(loud[i] - quiet[i], std::log(4), 1e-5) << i;
}

// 400 samples of mean square A^2 / 2.
TEST(FeatureExtractor, EnergyIsTheSumOfSquares) {
  const std::vector<float> rows = Compute({.use_energy = true}, Tone(1000, 100));
  EXPECT_NEAR(rows[0], std::log(400 * 100 * 100 / 2), 1e-5);
}

TEST(FeatureExtractor, SilenceIsTheFloor) {
  const std::vector<float> silence(16000, 7.0f);  // only an offset
  for (const float value : Compute({.use_energy = true}, silence)) {
    EXPECT_NEAR(value, std::log(0x1p-23), 1e-5);
  }
  const FeatureOptions floored{.use_energy = true, .energy_floor = 100};
  EXPECT_NEAR(Compute(floored, silence)[0], std::log(100), 1e-6);
}

TEST(FeatureExtractor, FramesAreCountedAsKaldiDoes) {
  const FeatureExtractor snipped({.snip_edges = true}), mirrored({.snip_edges = false});
  EXPECT_EQ(snipped.Frames(0), 0);
  EXPECT_EQ(snipped.Frames(399), 0);
  EXPECT_EQ(snipped.Frames(400), 1);
  EXPECT_EQ(snipped.Frames(559), 1);
  EXPECT_EQ(snipped.Frames(560), 2);
  EXPECT_EQ(mirrored.Frames(79), 0);
  EXPECT_EQ(mirrored.Frames(80), 1);
  EXPECT_EQ(mirrored.Frames(16000), 100);
}

TEST(FeatureExtractor, RecordingsShorterThanAFrameAreMirrored) {
  const std::vector<float> samples = KaldiSignal(16000, 100);
  std::vector<float> mirrored;
  for (Index n = 80 - 200; n < 80 + 200; ++n) {
    const Index place = (n % 200 + 200) % 200;
    mirrored.push_back(samples[static_cast<std::size_t>(std::min(place, 199 - place))]);
  }
  EXPECT_EQ(Compute({.snip_edges = false}, samples), Compute({}, mirrored));
}

TEST(FeatureExtractor, AStreamGivesTheSameBitsWhateverItsPieces) {
  const std::vector<float> samples = KaldiSignal(16000, 12'345);
  for (const bool snip_edges : {true, false}) {
    for (const double shift : {10.0, 40.0}) {
      const FeatureOptions options{.frame_shift_ms = shift, .snip_edges = snip_edges};
      FeatureExtractor extractor(options);
      FeatureStream stream(&extractor);
      for (std::size_t piece : {1u, 7u, 160u, 1000u, 12'345u}) {
        std::vector<float> rows;
        for (std::size_t begin = 0; begin < samples.size(); begin += piece) {
          stream.Add(std::span(samples).subspan(begin, std::min(piece, samples.size() - begin)),
                     &rows);
        }
        stream.Finish(&rows);
        EXPECT_EQ(rows, Compute(options, samples)) << piece << " samples at a time";
      }
    }
  }
}

// From a machine with AVX-512; others must agree.
TEST(FeatureExtractor, EveryMachineGivesTheSameBits) {
  const std::vector<float> samples = KaldiSignal(16000, 16000);
  for (const FeatureOptions& options :
       {FeatureOptions{.use_energy = true}, FeatureOptions{.kind = FeatureKind::kMfcc}}) {
    const std::vector<float> rows = Compute(options, samples);
    EXPECT_EQ(Hash128Hex(std::as_bytes(std::span(rows))), options.use_energy
                                                              ? "92e4e9f58c3be04d0e57ff8833b0e6f0"
                                                              : "3b2d407350f248edb666f81356e23be3");
  }
}

TEST(FeatureExtractor, BandsWithoutALineAreRefused) {
  ExpectError(ExitCode::kUsage,
              "num_mel_bins is 200: no line of the spectrum lies in band 2, because lines are "
              "31.25 Hz apart; use fewer bins",
              [] { FeatureExtractor({.num_mel_bins = 200}); });
}

}  // namespace
}  // namespace lockstep
