// Features while a recording goes on, against those of the whole recording from a file.
#include "data/speech/live_features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/counter_rng.h"
#include "data/speech/speaker_statistics.h"
#include "data/speech/utterance_loader.h"
#include "tests/data/speech/sound/wav_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

std::vector<std::int16_t> Noise(Index samples) {
  const CounterRng rng(1, RandomPurpose::kTest);
  std::vector<std::int16_t> noise;
  for (Index i = 0; i < samples; ++i) {
    noise.push_back(
        static_cast<std::int16_t>(9000 * (rng.Uniform(static_cast<std::uint64_t>(i)) - 0.5)));
  }
  return noise;
}

SoundOptions Options(Normalisation normalise, int deltas) {
  SoundOptions sound;
  sound.features.num_mel_bins = 23;
  sound.deltas = deltas;
  sound.normalise = normalise;
  const auto width = static_cast<std::size_t>(23 * (1 + deltas));
  sound.training = {std::vector<double>(width, 11.5), std::vector<double>(width, 2.5)};
  return sound;
}

std::vector<float> OfFile(const std::vector<std::int16_t>& samples, const SoundOptions& sound,
                          Index rate) {
  const TempFolder folder;
  Utterance utterance;
  utterance.path = folder / "x.wav";
  Spill(utterance.path, WavBytes({.rate = static_cast<std::uint32_t>(rate)}, SoundBytes(samples)));
  SpeechOptions options;
  options.sound = sound;
  options.sound.allow_upsampling = true;
  FeatureMatrix features = UtteranceLoader(options, folder / "scratch").Load(utterance, {});
  NormaliseRecording(sound, features);
  return features.values;
}

std::vector<float> Live(const std::vector<std::int16_t>& samples, std::size_t piece,
                        LiveFeatures* live) {
  const std::vector<float> sound(samples.begin(), samples.end());
  std::vector<float> frames;
  for (std::size_t at = 0; at < sound.size(); at += piece) {
    live->Add(std::span(sound).subspan(at, std::min(piece, sound.size() - at)), &frames);
  }
  live->Finish(&frames);
  return frames;
}

TEST(LiveFeatures, HaveTheBitsOfTheWholeRecordingHoweverItIsCut) {
  const std::vector<std::int16_t> samples = Noise(9001);
  for (const Index rate : {16000, 8000, 44100}) {
    for (const auto normalise :
         {Normalisation::kNone, Normalisation::kGlobal, Normalisation::kRunning}) {
      for (const int deltas : {0, 2}) {
        const SoundOptions sound = Options(normalise, deltas);
        const std::vector<float> whole = OfFile(samples, sound, rate);
        for (const std::size_t piece : {1, 160, 7000}) {
          LiveFeatures live(sound, rate);
          const std::vector<float> frames = Live(samples, piece, &live);
          ASSERT_EQ(frames.size(), whole.size());
          EXPECT_EQ(std::memcmp(frames.data(), whole.data(), frames.size() * sizeof(float)), 0)
              << rate << " Hz, " << NormalisationName(normalise) << ", pieces of " << piece;
        }
      }
    }
  }
}

TEST(LiveFeatures, AFrameComesWithTheSampleThatItIsSaidToComeWith) {
  for (const Index rate : {16000, 8000, 44100}) {
    for (const int deltas : {0, 1}) {
      LiveFeatures live(Options(Normalisation::kGlobal, deltas), rate);
      std::vector<float> frames;
      Index known = 0;
      for (Index sample = 1; sample < rate / 4; ++sample) {
        live.Add(std::vector<float>{static_cast<float>(sample % 100)}, &frames);
        if (static_cast<Index>(frames.size()) / live.width() == known) continue;
        EXPECT_DOUBLE_EQ(live.KnownAfter(known),
                         static_cast<double>(sample) / static_cast<double>(rate));
        ++known;
      }
      EXPECT_GT(known, 10);
    }
  }
}

TEST(LiveFeatures, NormalisationByTheWholeRecordingIsRefused) {
  for (const auto normalise :
       {Normalisation::kUtterance, Normalisation::kSpeaker, Normalisation::kSmoothed}) {
    ExpectError(ExitCode::kUsage, "--normalise global or running",
                [&] { LiveFeatures(Options(normalise, 0), 16000); });
  }
}

}  // namespace
}  // namespace lockstep
