#include "data/speech/backgrounds.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "base/durable_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

constexpr Index kShift = 160;  // samples of 10 ms

std::vector<float> Pulses(const std::vector<std::pair<Index, float>>& pulses) {
  std::vector<float> samples(20 * kShift, 0);
  for (const auto& [place, height] : pulses) samples[static_cast<std::size_t>(place)] = height;
  return samples;
}

TEST(RoomRows, OfAPulseAreOneRow) {
  const FeatureOptions options;
  const std::vector<float> rows = RoomRows(options, Pulses({{777, -0.3f}}));
  ASSERT_EQ(std::ssize(rows), options.num_mel_bins);
  for (const float value : rows) EXPECT_NEAR(value, 0, 1e-4);
}

// The second pulse comes three shifts later; its energy is a quarter of that of the first.
TEST(RoomRows, HaveTheEnergyOfEachEchoInItsRow) {
  const FeatureOptions options;
  const Index width = options.num_mel_bins;
  const std::vector<float> rows =
      RoomRows(options, Pulses({{500, 0.8f}, {500 + 3 * kShift, 0.4f}}));
  ASSERT_EQ(std::ssize(rows), 4 * width);
  for (Index i = 0; i < width; ++i) {
    EXPECT_NEAR(rows[static_cast<std::size_t>(i)], std::log(0.8), 1e-4);
    EXPECT_LT(rows[static_cast<std::size_t>(width + i)], -20);
    EXPECT_NEAR(rows[static_cast<std::size_t>(3 * width + i)], std::log(0.2), 1e-4);
  }
}

TEST(BackgroundFiles, AreAllRecordingsBelowAFolder) {
  const TempFolder folder;
  std::filesystem::create_directories(folder.path() + "/deep");
  for (const char* name : {"/b.wav", "/deep/a.FLAC", "/notes.txt"}) {
    ReplaceDurably(folder.path() + name, std::string("x"));
  }
  const std::vector<std::string> expected = {folder.path() + "/b.wav",
                                             folder.path() + "/deep/a.FLAC"};
  EXPECT_EQ(BackgroundFiles("--noise-files", {folder.path()}), expected);
  std::filesystem::remove_all(folder.path() + "/deep");
  std::filesystem::remove(folder.path() + "/b.wav");
  ExpectError(ExitCode::kMissingInput, "--noise-files: there is no audio file",
              [&] { BackgroundFiles("--noise-files", {folder.path()}); });
}

}  // namespace
}  // namespace lockstep
