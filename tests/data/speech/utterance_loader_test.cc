#include "data/speech/utterance_loader.h"

#include <cmath>

#include "tests/data/speech/sound/wav_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class Loader : public testing::Test {
 protected:
  Loader() { options_.sound.features.num_mel_bins = 23; }

  // A recording of a hum.
  Utterance Recording(double seconds, std::uint32_t rate = 16000) {
    std::vector<std::int16_t> samples(static_cast<std::size_t>(seconds * rate));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      samples[i] = static_cast<std::int16_t>(5000 * std::sin(0.1 * static_cast<double>(i)));
    }
    return Write(samples, rate);
  }
  Utterance Write(const std::vector<std::int16_t>& samples, std::uint32_t rate = 16000) {
    WavFormat format;
    format.rate = rate;
    Utterance utterance;
    utterance.path = folder_ / "x.wav";
    Spill(utterance.path, WavBytes(format, SoundBytes(samples)));
    return utterance;
  }
  UtteranceLoader Make() { return {options_, folder_ / "scratch"}; }
  void ExpectProblem(const std::string& text, const Utterance& utterance) {
    ExpectError(ExitCode::kBadData, text, [&] { Make().Load(utterance, {}); });
  }

  TempFolder folder_;
  SpeechOptions options_;
};

TEST_F(Loader, HeaderAndSoundTellTheSameFrames) {
  for (const std::uint32_t rate : {16000u, 22050u, 44100u}) {
    const Utterance utterance = Recording(0.73, rate);
    UtteranceLoader loader = Make();
    const UtteranceSize size = loader.Measure(utterance);
    const FeatureMatrix features = loader.Load(utterance, {});
    EXPECT_EQ(size.frames, features.rows);
    EXPECT_EQ(size.width, features.columns);
    EXPECT_NEAR(size.seconds, loader.seconds(), 1e-9);
    EXPECT_EQ(size.source_rate, rate);
  }
}

TEST_F(Loader, AStretchHasTheFramesOfItsTime) {
  Utterance utterance = Recording(2);
  utterance.begin_seconds = 0.5;
  utterance.end_seconds = 1.5;
  EXPECT_EQ(Make().Load(utterance, {}).rows, 98);  // 1 + (1000 - 25) / 10
  utterance.end_seconds = 2.04;                    // rounded by a manifest
  EXPECT_EQ(Make().Measure(utterance).seconds, 1.5);
}

TEST_F(Loader, AFasterCopyIsShorter) {
  const Utterance utterance = Recording(1.1);
  EXPECT_EQ(Make().Load(utterance, {1.1, false, 0}).rows, 98);
}

TEST_F(Loader, TheChannelOfTheOptionsIsUsedWhereTheManifestNamesNone) {
  std::vector<std::int16_t> samples;
  for (int i = 0; i < 8000; ++i) {
    samples.push_back(static_cast<std::int16_t>(i * 7919 % 10'007));
    samples.push_back(static_cast<std::int16_t>(i * 7723 % 10'009));
  }
  Utterance utterance;
  utterance.path = folder_ / "x.wav";
  Spill(utterance.path, WavBytes({.channels = 2}, SoundBytes(samples)));
  ExpectError(ExitCode::kUsage, "name one with --channel (0..1, or mix",
              [&] { Make().Measure(utterance); });
  options_.sound.channel = Utterance::kMixedChannels;
  const auto mixed = Make().Load(utterance, {}).values;
  options_.sound.channel = 1;
  const auto second = Make().Load(utterance, {}).values;
  utterance.channel = 0;
  const auto first = Make().Load(utterance, {}).values;
  EXPECT_NE(mixed, second);
  EXPECT_NE(first, second);
  utterance.channel = Utterance::kMixedChannels;
  EXPECT_EQ(Make().Load(utterance, {}).values, mixed);
}

TEST_F(Loader, NoiseIsAFunctionOfItsStream) {
  options_.copies.noise_snr = {5, 20};
  const Utterance utterance = Recording(0.5);
  UtteranceLoader loader = Make();
  const auto one = loader.Load(utterance, {1, true, 7}).values;
  EXPECT_EQ(one, loader.Load(utterance, {1, true, 7}).values);
  EXPECT_NE(one, loader.Load(utterance, {1, true, 8}).values);
  EXPECT_NE(one, loader.Load(utterance, {}).values);
}

TEST_F(Loader, DeltasWidenAFrame) {
  options_.sound.deltas = 2;
  EXPECT_EQ(Make().Load(Recording(0.5), {}).columns, 69);
}

TEST_F(Loader, BadRecordingsAreRefused) {
  ExpectProblem("is silent: every sample is 9.15527e-05 of full scale",
                Write(std::vector<std::int16_t>(8000, 3)));
  ExpectProblem("too short for one frame", Recording(0.01));
  ExpectProblem("use --sample-rate 8000, or --allow-upsampling", Recording(1, 8000));
  Utterance outside = Recording(1);
  outside.end_seconds = 1.2;
  ExpectProblem("its stretch 0.000 to 1.200 s is not in the recording of 1.000 s", outside);
  outside.begin_seconds = 0.7;
  outside.end_seconds = 0.6;
  ExpectProblem("is not in the recording", outside);
}

TEST_F(Loader, LongRecordingsAreRefusedByTheirHeader) {
  options_.sound.max_seconds = 0.5;
  const Utterance utterance = Recording(1);
  ExpectError(ExitCode::kBadData, "is 1.00 s long, allowed are 0.5 (--max-seconds)",
              [&] { Make().Measure(utterance); });
}

TEST_F(Loader, FeaturesThatAreNotFiniteAreRefused) {
  Utterance utterance;
  utterance.kind = UtteranceKind::kMfc;
  utterance.path = folder_ / "x.mfc";
  std::string bytes = LittleBytes(26);
  for (int i = 0; i < 26; ++i) bytes += LittleBytes(i == 20 ? INFINITY : 1.0f);
  Spill(utterance.path, bytes);
  ExpectProblem("feature 7 of frame 1 is inf", utterance);
}

}  // namespace
}  // namespace lockstep
