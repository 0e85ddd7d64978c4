#include "data/speech/sound/audio_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "tests/data/speech/sound/wav_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;
using Pcm16 = std::vector<std::int16_t>;

Pcm16 Counting(int samples) {
  Pcm16 counting(static_cast<std::size_t>(samples));
  for (int i = 0; i < samples; ++i) counting[i] = static_cast<std::int16_t>(i % 30011 - 15000);
  return counting;
}

class Audio : public testing::Test {
 protected:
  std::vector<float> Read(const std::string& bytes, int channel = AudioFile::kOnlyChannel) {
    Spill(path_, bytes);
    return AudioFile(path_, channel).ReadRest();
  }
  void ExpectRefused(const std::string& bytes, const std::string& message) {
    ExpectError(ExitCode::kBadData, path_ + ": " + message, [&] { Read(bytes); });
  }
  void WriteFlac(const Pcm16& samples) { Write(SF_FORMAT_FLAC | SF_FORMAT_PCM_16, samples); }
  void Write(int format, const Pcm16& samples) {
    SF_INFO info{};
    info.samplerate = 16000;
    info.channels = 1;
    info.format = format;
    SNDFILE* file = sf_open(path_.c_str(), SFM_WRITE, &info);
    ASSERT_NE(file, nullptr);
    sf_write_short(file, samples.data(), static_cast<sf_count_t>(samples.size()));
    sf_close(file);
  }
  void ExpectRange(AudioFile* file, Index begin, Index end, const Pcm16& samples) {
    file->SetRange(begin, end);
    const std::vector<float> expected(samples.begin() + begin, samples.begin() + end);
    EXPECT_EQ(file->ReadRest(), expected) << begin << ".." << end;
  }

  TempFolder folder_;
  std::string path_ = folder_ / "a.wav";
};

// One quarter of full scale, its negative, and the lowest number.
TEST_F(Audio, AllWidthsOfPcmAreBroughtToOneScale) {
  const auto expected = ElementsAre(8192, -8192, -32768);
  EXPECT_THAT(Read(WavBytes({.bits = 8}, "\xA0\x60" + std::string(1, '\0'))), expected);
  EXPECT_THAT(Read(WavBytes({.bits = 16}, SoundBytes<std::int16_t>({8192, -8192, -32768}))),
              expected);
  EXPECT_THAT(Read(WavBytes({.bits = 24}, std::string("\0\0\x20\0\0\xE0\0\0\x80", 9))), expected);
  EXPECT_THAT(
      Read(WavBytes({.bits = 32}, SoundBytes<std::int32_t>({1 << 29, -(1 << 29), -2147483648}))),
      expected);
  EXPECT_THAT(Read(WavBytes({.tag = 3, .bits = 32}, SoundBytes<float>({0.25, -0.25, -1}))),
              expected);
  EXPECT_THAT(Read(WavBytes({.tag = 3, .bits = 64}, SoundBytes<double>({0.25, -0.25, -1}))),
              expected);
}

TEST_F(Audio, ExtensibleHeadersAreRead) {
  const WavFormat format{.channels = 1, .rate = 44100, .bits = 16};
  EXPECT_THAT(Read(RiffBytes(Chunk("fmt ", ExtensibleBytes(format)) +
                             Chunk("data", SoundBytes<std::int16_t>({1, 2, -3})))),
              ElementsAre(1, 2, -3));
  EXPECT_EQ(AudioFile(path_).info().sample_rate, 44100);
}

TEST_F(Audio, InfoSaysWhatTheHeaderSays) {
  Spill(path_, WavBytes({.channels = 2, .rate = 8000}, SoundBytes<std::int16_t>({1, 2, 3, 4})));
  const AudioFile file(path_, 0);
  EXPECT_EQ(file.info().sample_rate, 8000);
  EXPECT_EQ(file.info().channels, 2);
  EXPECT_EQ(file.info().frames, 2);
  EXPECT_EQ(file.info().format, "WAV (Microsoft), Signed 16 bit PCM");
}

TEST_F(Audio, OneChannelIsChosen) {
  const std::string stereo = WavBytes({.channels = 2}, SoundBytes<std::int16_t>({1, 2, 3, 4}));
  EXPECT_THAT(Read(stereo, 0), ElementsAre(1, 3));
  EXPECT_THAT(Read(stereo, 1), ElementsAre(2, 4));
  ExpectError(ExitCode::kUsage,
              "a.wav: has 2 channels and none was chosen; name one with --channel (0..1",
              [&] { Read(stereo); });
  ExpectError(ExitCode::kUsage, "a.wav: channel 2 was chosen, there are 0..1",
              [&] { Read(stereo, 2); });
}

TEST_F(Audio, ChannelsAreMixedToTheirMean) {
  constexpr int kMix = AudioFile::kMixedChannels;
  const std::string bytes = SoundBytes<std::int16_t>({1, 2, 3, -4, 5, 9});
  EXPECT_THAT(Read(WavBytes({.channels = 2}, bytes), kMix), ElementsAre(1.5, -0.5, 7));
  EXPECT_THAT(Read(WavBytes({.channels = 3}, bytes), kMix), ElementsAre(2, float(10 / 3.0)));
  EXPECT_THAT(Read(WavBytes({.channels = 1}, bytes), kMix), ElementsAre(1, 2, 3, -4, 5, 9));
}

TEST_F(Audio, RangesAreReadInAnyOrder) {
  const Pcm16 samples = Counting(100'000);
  Spill(path_, WavBytes({}, SoundBytes(samples)));
  AudioFile file(path_);
  EXPECT_EQ(file.Next().size(), AudioFile::kChunkFrames);
  ExpectRange(&file, 70'000, 100'000, samples);
  ExpectRange(&file, 10, 20'000, samples);
  ExpectRange(&file, 5, 5, samples);
  ExpectRange(&file, 0, 100'000, samples);
  ExpectError(ExitCode::kUsage, "frames 5..100001 were asked for, the recording has 0..100000",
              [&] { file.SetRange(5, 100'001); });
  ExpectError(ExitCode::kUsage, "frames 6..5 were", [&] { file.SetRange(6, 5); });
}

TEST_F(Audio, FlacRangesAreReadInAnyOrder) {
  const Pcm16 samples = Counting(100'000);
  path_ = folder_ / "a.flac";
  WriteFlac(samples);
  AudioFile file(path_);
  EXPECT_EQ(file.info().format, "FLAC (Free Lossless Audio Codec), Signed 16 bit PCM");
  ExpectRange(&file, 0, 100'000, samples);
  ExpectRange(&file, 70'000, 100'000, samples);
  ExpectRange(&file, 10, 20'000, samples);
  ExpectRange(&file, 20'001, 20'002, samples);
}

TEST_F(Audio, FilesThatAreNotThereAreNamed) {
  ExpectError(ExitCode::kMissingInput, "cannot open recording /nowhere/a.wav: no such file",
              [] { AudioFile("/nowhere/a.wav"); });
  ExpectError(ExitCode::kBadData, "is no regular file", [&] { AudioFile(folder_.path()); });
}

TEST_F(Audio, FilesWithoutSoundAreRefused) {
  ExpectRefused("", "the recording is empty (0 bytes)");
  ExpectRefused(WavBytes({}, ""), "holds no samples");
  ExpectRefused(RiffBytes(Chunk("fmt ", FormatBytes({}))), "36 bytes of WAV without a data chunk");
}

TEST_F(Audio, FilesThatAreNoAudioAreRefused) {
  ExpectRefused("hello, this is a text and no sound\n", "libsndfile cannot read it as audio");
  ExpectRefused("RIFF", "libsndfile cannot read it as audio");
  path_ = folder_ / "a.vox";  // which libsndfile takes for raw samples
  ExpectRefused("hello, this is a text and no sound\n", "has no header that says");
}

TEST_F(Audio, CutFilesAreRefused) {
  const std::string whole = WavBytes({}, SoundBytes(Counting(1000)));
  ExpectRefused(whole.substr(0, whole.size() - 1),
                "the WAV header promises 2000 bytes of sound, the file holds 1999: it was cut "
                "short; copy or convert the file again");
  for (std::size_t bytes = 1; bytes < whole.size(); bytes += bytes < 60 ? 1 : 97) {
    Spill(path_, whole.substr(0, bytes));
    EXPECT_THROW(AudioFile file(path_), InputError) << bytes << " bytes";
  }
}

TEST_F(Audio, LengthsThatContradictEachOtherAreRefused) {
  const std::string sound = SoundBytes(Counting(1000));
  ExpectRefused(WavBytes({}, sound, 100),
                "1900 bytes follow the sound of the length that the WAV header gives");
  ExpectRefused(WavBytes({}, sound, 1999),
                "the WAV header promises 1999 bytes of sound in frames of 2 bytes");
  ExpectRefused(WavBytes({}, sound, 2002),
                "the WAV header promises 2002 bytes of sound, the file holds 2000");
  ExpectRefused(RiffBytes(Chunk("fmt ", "abc") + Chunk("data", sound)), "the fmt chunk");
  ExpectRefused(RiffBytes(Chunk("fmt ", FormatBytes({}), 5000) + Chunk("data", sound)),
                "2044 bytes of WAV without a data chunk");
}

TEST_F(Audio, OtherChunksMayStandAnywhere) {
  const std::string sound = SoundBytes<std::int16_t>({1, 2, 3});
  const std::string list = Chunk("LIST", "INFOx");
  EXPECT_THAT(Read(RiffBytes(list + Chunk("fmt ", FormatBytes({})) + list + Chunk("data", sound) +
                             list + Chunk("id3 ", "abc"))),
              ElementsAre(1, 2, 3));
}

// What a program writes that does not know the length yet and cannot go back.
TEST_F(Audio, StreamedHeadersMeanTheRestOfTheFile) {
  const Pcm16 samples = Counting(1000);
  const std::vector<float> expected(samples.begin(), samples.end());
  for (Index length : {Index{0xFFFFFFFF}, Index{0xFFFFFFFF} - 36, Index{0x80000000},
                       Index{0x7FFFFFFF}, Index{0x7FFFFF00}, Index{0x7FFFF000}, Index{0}}) {
    EXPECT_EQ(Read(WavBytes({}, SoundBytes(samples), length)), expected) << length;
    EXPECT_EQ(Read(WavBytes({}, SoundBytes(samples), length) + "x"), expected) << length;
  }
}

TEST_F(Audio, OnlyLengthsThatNoFileHasMeanTheRestOfTheFile) {
  const std::string sound = SoundBytes(Counting(1000));
  for (Index length : {Index{2100}, Index{0x10000000}, Index{0x7FF00000}, Index{0x90000000}}) {
    ExpectRefused(WavBytes({}, sound, length), "the WAV header promises");
  }
  ExpectRefused(
      RiffBytes(Chunk("fmt ", FormatBytes({})) + Chunk("data", "") + Chunk("LIST", "INFOxxxxxx")),
      "holds no samples");
}

TEST_F(Audio, StreamedHeadersOf24BitAndTwoChannels) {
  const std::string sound("\0\0\x20\0\0\xE0\0\0\x80", 9);
  EXPECT_THAT(Read(WavBytes({.bits = 24}, sound, 0x7FFFEFFF)), ElementsAre(8192, -8192, -32768));
  const std::string two = SoundBytes<std::int16_t>({1, 2, 3, 4, 5});
  EXPECT_THAT(Read(WavBytes({.channels = 2}, two, 0), 1), ElementsAre(2, 4));
}

std::string Rf64Bytes(const std::string& sound, std::uint64_t length) {
  const std::string far = LittleBytes<std::uint64_t>(72 + sound.size()) + LittleBytes(length) +
                          LittleBytes(length / 2) + LittleBytes<std::uint32_t>(0);
  return "RF64" + LittleBytes<std::uint32_t>(0xFFFFFFFF) + "WAVE" + Chunk("ds64", far) +
         Chunk("fmt ", FormatBytes({})) + Chunk("data", sound, 0xFFFFFFFF);
}

TEST_F(Audio, FarLengthsAreRead) {
  const std::string sound = SoundBytes<std::int16_t>({1, 2, 3});
  EXPECT_THAT(Read(Rf64Bytes(sound, 6)), ElementsAre(1, 2, 3));
  ExpectRefused(Rf64Bytes(sound, 8), "the WAV header promises 8 bytes of sound, the file holds 6");
  ExpectRefused(Rf64Bytes(sound, std::uint64_t{1} << 61),
                "the WAV header promises 2305843009213693952 bytes");
}

TEST_F(Audio, StreamedFarLengthsMeanTheRestOfTheFile) {
  const Pcm16 samples = Counting(1000);
  const std::vector<float> expected(samples.begin(), samples.end());
  for (std::uint64_t length : {std::uint64_t{0}, ~std::uint64_t{0}}) {
    EXPECT_EQ(Read(Rf64Bytes(SoundBytes(samples), length)), expected) << length;
  }
}

TEST_F(Audio, OtherFormatsThatWereCutAreRefused) {
  const std::pair<int, const char*> formats[] = {
      {SF_FORMAT_AIFF, "AIFF"}, {SF_FORMAT_AU, "AU"}, {SF_FORMAT_W64, "W64"}};
  for (const auto& [format, name] : formats) {
    Write(format | SF_FORMAT_PCM_16, Counting(1000));
    const std::string whole = Slurp(path_);
    EXPECT_EQ(Read(whole).size(), 1000u) << name;
    ExpectRefused(whole.substr(0, whole.size() - 400), fmt::format("the {} header promises", name));
  }
}

TEST_F(Audio, StreamedAuFilesMeanTheRestOfTheFile) {
  Write(SF_FORMAT_AU | SF_FORMAT_PCM_16, Counting(1000));
  std::string bytes = Slurp(path_);
  EXPECT_EQ(Read(bytes.replace(8, 4, "\xFF\xFF\xFF\xFF")).size(), 1000u);
  ExpectRefused(bytes.replace(8, 4, std::string("\0\0\0\x64", 4)),
                "the AU header promises 100 bytes of sound, and 1900 more follow");
}

TEST_F(Audio, AbsurdFormatsAreRefused) {
  const std::string sound = SoundBytes<std::int16_t>({1, 2, 3});
  ExpectRefused(WavBytes({.rate = 10}, sound),
                "the header says 10 samples a second, allowed are 1000..768000");
  ExpectRefused(WavBytes({.rate = 4'000'000'000u}, sound), "");
  ExpectRefused(WavBytes({.rate = 0}, sound), "");
  ExpectRefused(WavBytes({.channels = 0}, sound), "");
  ExpectRefused(WavBytes({.tag = 0x1234}, sound), "libsndfile cannot read it as audio");
}

TEST_F(Audio, NumbersThatAreNoneAreRefused) {
  std::vector<float> samples(20'000);
  for (float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    samples[17'000] = bad;
    ExpectRefused(WavBytes({.tag = 3, .bits = 32}, SoundBytes(samples)), "frame 17000 is ");
  }
}

TEST_F(Audio, DamagedFlacIsRefused) {
  Pcm16 samples = Counting(100'000);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] ^= i * i * 2654435761u >> 22;
  path_ = folder_ / "a.flac";
  WriteFlac(samples);
  const std::string whole = Slurp(path_);
  ExpectRefused(whole.substr(0, whole.size() * 2 / 3), "");
  std::string flipped = whole;
  flipped[whole.size() / 2] ^= 0x10;
  ExpectRefused(flipped, "");
}

}  // namespace
}  // namespace lockstep
