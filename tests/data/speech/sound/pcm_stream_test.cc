#include "data/speech/sound/pcm_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/data/speech/sound/wav_bytes.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

using testing::ElementsAre;

const std::vector<std::int16_t> kSamples = {0, 1, -1, 32767, -32768, 258, 7, 8};

struct Decoded {
  std::vector<float> samples;
  std::optional<PcmFormat> format;
  Index dropped = 0;
};

// Adds the bytes in pieces of this size.
Decoded Decode(const std::string& bytes, std::size_t piece, const PcmFormat& raw = {16000}) {
  PcmStream stream("standard input", raw);
  Decoded decoded;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    stream.Add(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)), &decoded.samples);
  }
  stream.Finish(&decoded.samples);
  decoded.format = stream.format();
  decoded.dropped = stream.dropped_bytes();
  EXPECT_EQ(stream.samples(), std::ssize(decoded.samples));
  return decoded;
}

void ExpectRefused(const std::string& text, const std::string& bytes) {
  ExpectError(ExitCode::kBadData, text, [&] { Decode(bytes, bytes.size()); });
}

TEST(PcmStream, DecodesRawIntegersHoweverTheyAreCut) {
  for (const std::size_t piece : {1, 3, 5, 100}) {
    const Decoded decoded = Decode(SoundBytes(kSamples), piece);
    EXPECT_THAT(decoded.samples, ElementsAre(0, 1, -1, 32767, -32768, 258, 7, 8));
    EXPECT_FALSE(decoded.format->from_header);
    EXPECT_EQ(decoded.dropped, 0);
  }
}

TEST(PcmStream, DecodesRawFloatsAtTheScaleOfIntegers) {
  const std::vector<float> sound = {0.5f, -1, 0, 0.25f};
  const Decoded decoded = Decode(SoundBytes(sound), 3, {16000, PcmEncoding::kFloat32});
  EXPECT_THAT(decoded.samples, ElementsAre(16384, -32768, 0, 8192));
}

TEST(PcmStream, TellsOfAPieceOfASampleAtTheEnd) {
  EXPECT_EQ(Decode(SoundBytes(kSamples) + "x", 4).dropped, 1);
  EXPECT_EQ(Decode(SoundBytes(kSamples) + "x", 4).samples.size(), kSamples.size());
  EXPECT_EQ(Decode("x", 1).dropped, 1);
  EXPECT_TRUE(Decode("", 1).samples.empty());
}

TEST(PcmStream, RefusesFilesOfOtherFormsInsteadOfHearingNoise) {
  const std::string rest(40, '\1');
  for (const std::string begin :
       {"fLaC", "OggS", "ID3", "RIFX", "RF64", "FORM", ".snd", "caff", "riff"}) {
    ExpectRefused("only WAV and raw samples can be read as a stream; convert it on the way: ffmpeg",
                  begin + rest);
  }
  ExpectRefused("a file in the form MPEG-4", std::string("\0\0\0\x20", 4) + "ftypM4A " + rest);
}

TEST(PcmStream, ReadsTheHeaderOfAWavFile) {
  const std::vector<float> floats = {0.5f, -1};
  const std::string plain = WavBytes({.rate = 8000}, SoundBytes(kSamples));
  const std::string listed =
      RiffBytes(Chunk("LIST", "abc") + Chunk("fmt ", ExtensibleBytes({.rate = 44100})) +
                Chunk("data", SoundBytes(kSamples)) + Chunk("LIST", "after the sound"));
  const std::string real = WavBytes({.tag = 3, .rate = 11025, .bits = 32}, SoundBytes(floats));
  for (const std::size_t piece : {1, 7, 1000}) {
    EXPECT_EQ(Decode(plain, piece).samples.size(), kSamples.size());
    EXPECT_EQ(Decode(plain, piece).format->sample_rate, 8000);
    EXPECT_EQ(Decode(listed, piece).samples.size(), kSamples.size());
    EXPECT_EQ(Decode(listed, piece).format->sample_rate, 44100);
    EXPECT_THAT(Decode(real, piece).samples, ElementsAre(16384, -32768));
    EXPECT_EQ(Decode(real, piece).format->encoding, PcmEncoding::kFloat32);
  }
}

// As programs write them that do not know how long the sound will be.
TEST(PcmStream, AWavHeaderOfUnknownLengthGoesOnToTheEnd) {
  for (const Index length : {0L, 0xFFFFFFFFL, 0x7FFFFFFFL, 0x7FFFF000L, 0x7FFFFF00L}) {
    EXPECT_EQ(Decode(WavBytes({}, SoundBytes(kSamples), length), 9).samples.size(),
              kSamples.size());
  }
}

TEST(PcmStream, WavOfOtherSamplesIsRefusedWithTheRemedy) {
  ExpectRefused("2 channels", WavBytes({.channels = 2}, SoundBytes(kSamples)));
  ExpectRefused("24 bits", WavBytes({.bits = 24}, SoundBytes(kSamples)));
  ExpectRefused("sox", WavBytes({.tag = 7}, SoundBytes(kSamples)));
  ExpectRefused("allowed are 1000..", WavBytes({.rate = 10}, SoundBytes(kSamples)));
}

TEST(PcmStream, DamagedWavHeadersAreRefused) {
  ExpectRefused("without its chunk fmt", RiffBytes(Chunk("data", SoundBytes(kSamples))));
  ExpectRefused("is cut", RiffBytes(Chunk("fmt ", "short") + Chunk("data", "")));
  ExpectRefused("without sound", RiffBytes(Chunk("fmt ", FormatBytes({}))));
  ExpectRefused("has no end", RiffBytes(Chunk("LIST", "x", 1 << 30) + std::string(100, 'x')));
}

TEST(PcmStream, WhatIsNoSoundIsRefused) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 1e7f}) {
    ExpectError(ExitCode::kBadData, "sample 1 is", [&] {
      Decode(SoundBytes(std::vector<float>{0, bad, 0}), 100, {16000, PcmEncoding::kFloat32});
    });
  }
}

}  // namespace
}  // namespace lockstep
