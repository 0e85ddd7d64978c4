// Level, noise and rooms in log-mel features: closed forms, and sums written out in double.
#include "data/stream/energy_mix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "data/stream/frame_transform.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

constexpr Index kBands = 3, kFrames = 20;
// Exponentials and logarithms of float32 with 3e-7 each, at logarithms of up to about 10.
constexpr float kRounding = 5e-6f;

CounterRng Rng(std::uint64_t sample) { return CounterRng(1, RandomPurpose::kFrames, 0, sample); }

std::vector<float> Waves(Index frames, float shift) {
  std::vector<float> values;
  for (Index i = 0; i < frames * kBands; ++i) {
    values.push_back(shift + 3 * std::sin(static_cast<float>(i) * 0.7f + shift));
  }
  return values;
}

FrameCollection Collect(const std::vector<std::vector<float>>& recordings) {
  FrameCollection all{kBands, {0}, {}};
  for (const std::vector<float>& rows : recordings) all.Add(rows);
  return all;
}

std::vector<float> Mixed(const EnergyMixOptions& options, std::vector<float> frames,
                         const FrameCollection& noise, const FrameCollection& rooms,
                         std::uint64_t sample = 1) {
  EnergyMixer mixer(options, kBands, kFrames, noise, rooms);
  mixer.Apply(Rng(sample), frames);
  return frames;
}

TEST(EnergyFactor, IsThatOfTheDecibels) {
  for (const double decibels : {-60.0, -3.0, 0.0, 3.0, 20.0}) {
    EXPECT_NEAR(EnergyFactor(decibels) / std::pow(10, decibels / 10), 1, 2e-6) << decibels;
  }
}

TEST(EnergyMixer, DoublesTheEnergyOfEqualLevelsAtZeroDecibels) {
  const std::vector<float> frames(kFrames * kBands, 2.5f);
  const EnergyMixOptions options{.noise_share = 1, .snr_low_db = 0, .snr_high_db = 0};
  const FrameCollection noise = Collect({std::vector<float>(7 * kBands, -4.0f)});
  for (const float value : Mixed(options, frames, noise, {})) {
    EXPECT_NEAR(value, 2.5f + std::numbers::ln2_v<float>, kRounding);
  }
}

TEST(EnergyMixer, AddsADrawnStretchOfNoiseAtTheDrawnRatio) {
  const FrameCollection noise = Collect({Waves(9, 1), Waves(4, 2), Waves(30, -1)});
  EnergyMixOptions options{.noise_share = 1, .snr_low_db = -3, .snr_high_db = 12};
  options.mean = {1, 2, 3};
  options.deviation = {2, 0.5, 1.5};
  const std::vector<float> frames = Waves(kFrames, 0);
  for (std::uint64_t sample = 0; sample < 50; ++sample) {
    const CounterRng rng = Rng(sample);
    const auto start = static_cast<Index>(rng.Below(30'012, 43));
    const Index first = start < 9 ? 0 : start < 13 ? 9 : 13;
    const Index count = start < 9 ? 9 : start < 13 ? 4 : 30;
    const double decibels = -3 + 15 * rng.Uniform(30'011);
    std::vector<double> speech, added;
    double speech_sum = 0, noise_sum = 0;
    for (Index i = 0; i < kFrames * kBands; ++i) {
      const auto band = static_cast<std::size_t>(i % kBands);
      const Index row = first + (start - first + i / kBands) % count;
      speech.push_back(std::exp(frames[static_cast<std::size_t>(i)] * options.deviation[band] +
                                options.mean[band]));
      added.push_back(std::exp(noise.values[static_cast<std::size_t>(row * kBands) + band]));
      speech_sum += speech.back();
      noise_sum += added.back();
    }
    const std::vector<float> found = Mixed(options, frames, noise, {}, sample);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const double energy =
          speech[i] + added[i] * speech_sum / noise_sum / std::pow(10, decibels / 10);
      const std::size_t band = i % kBands;
      ASSERT_NEAR(found[i], (std::log(energy) - options.mean[band]) / options.deviation[band],
                  2 * kRounding);
    }
  }
}

TEST(EnergyMixer, ConvolvesEnergiesWithThoseOfARoom) {
  const std::vector<float> room = Waves(5, -2), frames = Waves(kFrames, 1);
  const EnergyMixOptions options{.room_share = 1};
  const std::vector<float> found = Mixed(options, frames, {}, Collect({room}));
  std::vector<double> energies;
  double before = 0, after = 0;
  for (Index t = 0; t < kFrames; ++t) {
    for (Index b = 0; b < kBands; ++b) {
      double sum = 0;
      for (Index k = 0; k <= std::min<Index>(t, 4); ++k) {
        sum += std::exp(room[static_cast<std::size_t>(k * kBands + b)]) *
               std::exp(frames[static_cast<std::size_t>((t - k) * kBands + b)]);
      }
      energies.push_back(sum);
      after += sum;
      before += std::exp(frames[static_cast<std::size_t>(t * kBands + b)]);
    }
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i], std::log(energies[i] * before / after), 2 * kRounding);
  }
}

// A pulse of energy in frame 0 becomes itself and an echo that falls by 60 dB in the drawn time.
TEST(EnergyMixer, DrawsRoomsWhoseEchoDecaysExponentially) {
  std::vector<float> pulse(kFrames * kBands, -60.0f);
  for (Index b = 0; b < kBands; ++b) pulse[static_cast<std::size_t>(b)] = 5;
  EnergyMixOptions options{.room_share = 1, .room_low_seconds = 0.2, .room_high_seconds = 0.8};
  options.frame_seconds = 0.01;
  for (std::uint64_t sample = 0; sample < 20; ++sample) {
    const CounterRng rng = Rng(sample);
    const double seconds = 0.2 + 0.6 * rng.Uniform(30'021);
    const double direct = -2 + 14 * rng.Uniform(30'022);
    const double decay = std::pow(10, -6 * 0.01 / seconds);
    const std::vector<float> found = Mixed(options, pulse, {}, {}, sample);
    const double first = found[0];
    for (Index t = 1; t < kFrames; ++t) {
      const double relative = std::pow(10, -direct / 10) * (1 - decay) / decay *
                              std::pow(decay, static_cast<double>(t));
      EXPECT_NEAR(found[static_cast<std::size_t>(t * kBands)] - first, std::log(relative), 1e-4);
    }
    double energy = 0;
    for (const float value : found) energy += std::exp(value);
    EXPECT_NEAR(energy / (kBands * std::exp(5.0)), 1, 1e-5);
  }
}

TEST(EnergyMixer, DrawsLevelsEvenlyWithinTheirBounds) {
  EnergyMixOptions options{.gain_db = 6};
  options.mean = {1, 2, 3};
  options.deviation = {2, 1, 4};
  const std::vector<float> frames(kBands, 0.5f);
  double sum = 0, squares = 0, most = 0;
  constexpr int kDraws = 10'000;
  for (std::uint64_t sample = 0; sample < kDraws; ++sample) {
    const std::vector<float> found = Mixed(options, frames, {}, {}, sample);
    const double change = (found[0] - 0.5) * 2 * 10 / std::numbers::ln10;  // dB
    EXPECT_NEAR(found[1] - 0.5f, 2 * (found[0] - 0.5f), 1e-5);
    EXPECT_NEAR(found[2] - 0.5f, (found[0] - 0.5f) / 2, 1e-5);
    sum += change;
    squares += change * change;
    most = std::max(most, std::abs(change));
  }
  EXPECT_LE(most, 6.0001);
  EXPECT_GT(most, 5.99);
  EXPECT_NEAR(sum / kDraws, 0, 4 * 6 / std::sqrt(3.0 * kDraws));
  EXPECT_NEAR(squares / kDraws, 12, 0.5);  // 6^2 / 3
}

TEST(EnergyMixer, MixesTheShareOfSamplesThatIsAskedFor) {
  const FrameCollection noise = Collect({Waves(9, 1)});
  const std::vector<float> frames = Waves(4, 0);
  const EnergyMixOptions options{.noise_share = 0.3};
  Index changed = 0;
  for (std::uint64_t sample = 0; sample < 4000; ++sample) {
    changed += Mixed(options, frames, noise, {}, sample) != frames ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(changed) / 4000, 0.3, 0.03);  // four standard deviations
}

TEST(FrameTransform, MixesBeforeItMasks) {
  const FrameCollection noise = Collect({Waves(9, 1)});
  EnergyMixer mixer({.noise_share = 1}, kBands, 40, noise, {});
  FrameTransform transform({.band_masks = 5, .band_mask_bins = 2}, 1, kBands);
  transform.MixBy(&mixer);
  transform.Reserve(kFrames);
  const std::vector<float> frames = Waves(kFrames, 1);
  transform.Apply(frames, 1, 0, 5);
  std::vector<float> row(kBands);
  Index zeros = 0, changed = 0;
  for (Index t = 0; t < kFrames; ++t) {
    transform.Stack(t, row.data());
    for (Index b = 0; b < kBands; ++b) {
      const float value = row[static_cast<std::size_t>(b)];
      zeros += value == 0 ? 1 : 0;
      changed += value != 0 && value != frames[static_cast<std::size_t>(t * kBands + b)] ? 1 : 0;
    }
  }
  EXPECT_GT(zeros, 0);
  EXPECT_EQ(zeros % kFrames, 0);
  EXPECT_EQ(zeros + changed, kFrames * kBands);
}

TEST(FrameStores, AreReadAsTheyWereWrittenOrRefused) {
  const TempFolder folder;
  const FrameCollection noise = Collect({Waves(9, 1), Waves(4, 2)});
  FrameStore store = WriteFrameStore(folder.path(), "noise.f32", noise);
  EXPECT_EQ(store.frames, (std::vector<Index>{9, 4}));
  const FrameCollection read = ReadFrameStore(folder.path(), store);
  EXPECT_EQ(read.values, noise.values);
  EXPECT_EQ(read.offsets, noise.offsets);
  EXPECT_EQ(read.RecordingOf(8), 0);
  EXPECT_EQ(read.RecordingOf(9), 1);
  WriteFrameStore(folder.path(), "noise.f32", Collect({Waves(9, 1), Waves(4, 3)}));
  ExpectError(ExitCode::kBadData, "it is damaged", [&] { ReadFrameStore(folder.path(), store); });
  WriteFrameStore(folder.path(), "noise.f32", Collect({Waves(9, 1)}));
  ExpectError(ExitCode::kBadData, "bytes", [&] { ReadFrameStore(folder.path(), store); });
  store.file = "none.f32";
  ExpectError(ExitCode::kMissingInput, "none.f32", [&] { ReadFrameStore(folder.path(), store); });
}

}  // namespace
}  // namespace lockstep
