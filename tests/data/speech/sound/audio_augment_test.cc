#include "data/speech/sound/audio_augment.h"

#include <gtest/gtest.h>

#include <cmath>

#include "data/speech/features/real_fft.h"
#include "data/speech/sound/vector_math.h"
#include "tests/data/speech/features/kaldi_signal.h"

namespace lockstep {
namespace {

// What AddNoise adds.
std::vector<float> Noise(NoiseKind kind, double snr_db, std::uint64_t seed, std::uint64_t utterance,
                         const std::vector<float>& samples) {
  std::vector<float> noisy = samples;
  AddNoise(kind, snr_db, seed, utterance, noisy);
  for (std::size_t i = 0; i < noisy.size(); ++i) noisy[i] -= samples[i];
  return noisy;
}

double Power(const std::vector<float>& samples) {
  return SumOfSquares(samples.data(), static_cast<Index>(samples.size()));
}

// Mean power in the octave below each power of two of lines, of frames of 512 samples.
std::vector<double> OctavePowers(const std::vector<float>& samples) {
  RealFft fft(512);
  std::vector<float> power(257);
  std::vector<double> octaves(8);
  for (std::size_t begin = 0; begin + 512 <= samples.size(); begin += 512) {
    fft.PowerSpectrum(samples.data() + begin, power.data());
    for (int octave = 0; octave < 8; ++octave) {
      for (int line = 1 << octave; line < 2 << octave; ++line) octaves[octave] += power[line];
    }
  }
  return octaves;
}

TEST(AudioAugment, SpeedChangesLengthAndPitch) {
  std::vector<float> tone, faster;
  for (int n = 0; n < 16000; ++n) tone.push_back(static_cast<float>(std::sin(0.05 * n)));
  for (int n = 0; n < 14546; ++n) faster.push_back(static_cast<float>(std::sin(0.05 * 1.1 * n)));
  const std::vector<float> got = ChangeSpeed(tone, 1.1);
  ASSERT_EQ(got.size(), faster.size());
  for (std::size_t n = 1000; n < 13'000; ++n) ASSERT_NEAR(got[n], faster[n], 1e-4) << n;
}

TEST(AudioAugment, NoiseHasThePowerThatTheRatioSays) {
  const std::vector<float> samples = KaldiSignal(16000, 16'000);
  for (const NoiseKind kind : {NoiseKind::kWhite, NoiseKind::kPink}) {
    for (const double snr_db : {-5.0, 0.0, 20.0}) {
      const double power = Power(Noise(kind, snr_db, 1, 2, samples));
      EXPECT_NEAR(10 * std::log10(Power(samples) / power), snr_db, 1e-3);
    }
  }
}

TEST(AudioAugment, NoiseIsAFunctionOfSeedUtteranceAndKind) {
  const std::vector<float> samples = KaldiSignal(16000, 5'000);
  const auto noise = [&](NoiseKind kind, std::uint64_t seed, std::uint64_t utterance) {
    return Noise(kind, 0, seed, utterance, samples);
  };
  const std::vector<float> first = noise(NoiseKind::kWhite, 1, 2);
  EXPECT_EQ(first, noise(NoiseKind::kWhite, 1, 2));
  for (const auto& other : {noise(NoiseKind::kWhite, 2, 2), noise(NoiseKind::kWhite, 1, 3),
                            noise(NoiseKind::kPink, 1, 2)}) {
    double product = 0;
    for (std::size_t i = 0; i < other.size(); ++i) product += first[i] * other[i];
    EXPECT_LE(std::abs(product) / std::sqrt(Power(first) * Power(other)), 0.05);
  }
}

// White noise doubles its power from octave to octave, pink noise keeps it. What holds of steps:
// the lowest octaves of a frame are blurred by the frame's edges.
TEST(AudioAugment, NoiseHasItsColour) {
  const std::vector<float> samples(std::size_t{1} << 18, 1000.0f);
  const std::vector<double> white = OctavePowers(Noise(NoiseKind::kWhite, 0, 1, 2, samples));
  const std::vector<double> pink = OctavePowers(Noise(NoiseKind::kPink, 0, 1, 2, samples));
  for (std::size_t octave = 3; octave < 8; ++octave) {
    EXPECT_NEAR(white[octave] / white[octave - 1], 2, 0.2) << octave;
    EXPECT_NEAR(10 * std::log10(pink[octave] / pink[octave - 1]), 0, 2) << octave;
  }
}

TEST(AudioAugment, SilenceStaysSilence) {
  const std::vector<float> silence(1000), none;
  EXPECT_EQ(Power(Noise(NoiseKind::kPink, 0, 1, 2, silence)), 0);
  EXPECT_TRUE(Noise(NoiseKind::kWhite, 0, 1, 2, none).empty());
}

}  // namespace
}  // namespace lockstep
