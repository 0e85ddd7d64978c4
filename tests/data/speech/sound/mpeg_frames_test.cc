// MP3 files with and without a header that gives the number of frames. Their encoder is the one of
// libsndfile; each is a hum that grows quieter, so that its bit rate varies.
#include "data/speech/sound/mpeg_frames.h"

#include <gtest/gtest.h>
#include <sndfile.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "data/speech/sound/audio_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

constexpr Index kSamples = 80'000;  // 5 s

// A hum for half of the time, then noise, at the rate of 16 kHz.
std::vector<short> Sound() {
  std::vector<short> sound(kSamples);
  unsigned random = 1;
  for (Index i = 0; i < kSamples; ++i) {
    random = random * 1664525u + 1013904223u;
    const double noise = i < kSamples / 2 ? 0 : static_cast<double>(random >> 18) - 8192;
    const double time = static_cast<double>(i) / 16000;
    sound[static_cast<std::size_t>(i)] =
        static_cast<short>(2000 * std::sin(2 * std::numbers::pi * 300 * time) + noise);
  }
  return sound;
}

class Mpeg : public testing::Test {
 protected:
  // Encodes Sound(); returns the bytes, or nothing if this libsndfile cannot.
  std::string Encode(int bit_rate_mode) {
    SF_INFO info{};
    info.samplerate = 16000;
    info.channels = 1;
    info.format = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;
    SNDFILE* file = sf_open(path_.c_str(), SFM_WRITE, &info);
    if (file == nullptr) return "";
    sf_command(file, SFC_SET_BITRATE_MODE, &bit_rate_mode, sizeof(bit_rate_mode));
    const std::vector<short> sound = Sound();
    sf_write_short(file, sound.data(), kSamples);
    sf_close(file);
    return Slurp(path_);
  }
  void SetUp() override {
    whole_ = Encode(SF_BITRATE_MODE_VARIABLE);
    if (whole_.empty()) GTEST_SKIP() << "this libsndfile writes no MP3";
    frames_ = *CountMpegFrames(path_);
    bare_ = whole_.substr(static_cast<std::size_t>(frames_.begin));
  }
  Index Read(const std::string& bytes) {
    Spill(path_, bytes);
    return static_cast<Index>(AudioFile(path_).ReadRest().size());
  }
  void ExpectWhole(const std::string& bytes) {
    const Index samples = Read(bytes);
    EXPECT_GE(samples, kSamples);
    EXPECT_LE(samples, kSamples + 4 * 576);
  }
  void ExpectRefused(const std::string& bytes, const std::string& message) {
    ExpectError(ExitCode::kBadData, message, [&] { Read(bytes); });
  }

  TempFolder folder_;
  std::string path_ = folder_ / "a.mp3";
  std::string whole_;
  std::string bare_;  // without the header that gives the number of frames
  MpegFrames frames_;
};

TEST_F(Mpeg, HeaderAndCountAgree) {
  EXPECT_EQ(frames_.promised, frames_.count);
  EXPECT_EQ(frames_.end, static_cast<Index>(whole_.size()));
  EXPECT_EQ(frames_.samples_per_frame, 576);
  ExpectWhole(whole_);
}

TEST_F(Mpeg, AVaryingRateWithoutHeaderIsCounted) { ExpectWhole(bare_); }

TEST_F(Mpeg, AConstantRateWithoutHeaderIsCounted) {
  const std::string constant = Encode(SF_BITRATE_MODE_CONSTANT);
  ExpectWhole(constant.substr(static_cast<std::size_t>(CountMpegFrames(path_)->begin)));
}

TEST_F(Mpeg, TagsAndBytesAroundTheFramesArePassedOver) {
  const std::string tag = std::string("ID3\x04\0\0\0\0\1\0", 10) + std::string(128, 'x');
  ExpectWhole(tag + bare_);
  ExpectWhole(tag + whole_);
  ExpectWhole(bare_ + "TAG" + std::string(125, ' '));
  ExpectWhole(whole_ + "APETAGEX" + std::string(5000, '\xFF'));
  ExpectWhole(bare_ + std::string(4096, '\0'));
}

TEST_F(Mpeg, PartsOfARecordingCanBeRead) {
  Spill(path_, bare_);
  AudioFile file(path_);
  const std::vector<float> all = file.ReadRest();
  file.SetRange(40'000, 60'000);
  const std::vector<float> part = file.ReadRest();
  EXPECT_EQ(part, std::vector<float>(all.begin() + 40'000, all.begin() + 60'000));
}

TEST_F(Mpeg, AHeaderWithAnotherNumberIsRefused) {
  const std::size_t tag = whole_.find("Xing");
  ASSERT_NE(tag, whole_.npos);
  std::string wrong = whole_;
  wrong.replace(tag + 8, 4, std::string("\0\0\0\x32", 4));
  ExpectRefused(wrong, "its header says that it has 50 MPEG frames, the file has");
  ExpectRefused(whole_ + bare_, "it was joined from several files");
  ExpectRefused(whole_.substr(0, whole_.size() / 2), "it was cut short");
  wrong.replace(tag + 4, 8, std::string(8, '\0'));  // says nothing of frames
  ExpectWhole(wrong);
}

TEST_F(Mpeg, FramesAfterOtherBytesAreNotLost) {
  ExpectRefused(bare_ + std::string(3000, '\0') + bare_, "though others follow at byte");
  EXPECT_NO_THROW(Read(bare_ + bare_));
}

TEST_F(Mpeg, APieceOfAFrameAtTheEndIsNoDamage) {
  ExpectWhole(bare_ + bare_.substr(0, 20));
  EXPECT_GT(Read(bare_.substr(0, bare_.size() - 10)), kSamples - 2 * 576);
}

TEST_F(Mpeg, OtherFilesAreNone) {
  Spill(path_, "hello");
  EXPECT_FALSE(CountMpegFrames(path_).has_value());
  Spill(path_, std::string(5000, '\xFF'));
  EXPECT_FALSE(CountMpegFrames(path_).has_value());
}

}  // namespace
}  // namespace lockstep
