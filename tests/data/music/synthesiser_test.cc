#include "data/music/synthesiser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace lockstep {
namespace {

std::vector<std::int16_t> Play(const PianoRoll& roll, const SoundOptions& options) {
  std::vector<std::int16_t> sound;
  PlayRoll(roll, options, [&](std::span<const std::int16_t> samples) {
    sound.insert(sound.end(), samples.begin(), samples.end());
  });
  EXPECT_EQ(static_cast<Index>(sound.size()), SamplesOf(roll, options));
  return sound;
}

// The amplitude of a frequency in a part of the sound (Goertzel 1958).
double AmplitudeAt(double hertz, double rate, std::span<const std::int16_t> sound) {
  double real = 0, imaginary = 0;
  for (std::size_t i = 0; i < sound.size(); ++i) {
    const double phase = 2 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
    real += sound[i] * std::cos(phase);
    imaginary += sound[i] * std::sin(phase);
  }
  return 2 * std::hypot(real, imaginary) / static_cast<double>(sound.size());
}

constexpr SoundOptions kSound = {.sample_rate = 16000, .seconds_per_step = 0.25};

// The A above middle C has 440 Hz, its second harmonic less than the first.
TEST(Synthesiser, ANoteHasItsPitchAndHarmonics) {
  PianoRoll roll{"a", std::vector<KeySet>(2)};
  roll.steps[0].set(KeyOf(69));
  const std::vector<std::int16_t> sound = Play(roll, kSound);
  const std::span<const std::int16_t> note = std::span(sound).first(4000);
  const double first = AmplitudeAt(440, 16000, note), second = AmplitudeAt(880, 16000, note);
  EXPECT_GT(first, 10000);
  EXPECT_GT(second, 0.1 * first);
  EXPECT_LT(second, 0.5 * first);
  EXPECT_LT(AmplitudeAt(466.16, 16000, note), 0.1 * first);
  EXPECT_TRUE(std::all_of(sound.begin() + 5000, sound.end(), [](auto s) { return s == 0; }))
      << "it has faded 50 ms after its step";
}

TEST(Synthesiser, AllKeysTogetherAreNotClipped) {
  PianoRoll roll{"all", std::vector<KeySet>(3)};
  for (KeySet& step : roll.steps) step.set();
  const std::vector<std::int16_t> sound = Play(roll, kSound);
  const auto clipped = std::count_if(sound.begin(), sound.end(),
                                     [](std::int16_t s) { return std::abs(s) >= 32767; });
  EXPECT_EQ(clipped, 0);
  EXPECT_GT(*std::max_element(sound.begin(), sound.end()), 1000);
}

TEST(Synthesiser, SilenceIsSilent) {
  for (const std::int16_t sample : Play({"", std::vector<KeySet>(2)}, kSound)) {
    ASSERT_EQ(sample, 0);
  }
}

}  // namespace
}  // namespace lockstep
