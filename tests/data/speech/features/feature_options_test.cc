#include "data/speech/features/feature_options.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

FeatureOptions Unusual() {
  return {.kind = FeatureKind::kMfcc,
          .sample_rate = 11025,
          .frame_length_ms = 1.0 / 3 * 100,
          .frame_shift_ms = 12.5,
          .preemphasis = 0.1,
          .window = WindowKind::kHann,
          .remove_dc_offset = false,
          .round_to_power_of_two = false,
          .snip_edges = false,
          .num_mel_bins = 30,
          .low_freq = 33.3,
          .high_freq = -100.1,
          .use_power = false,
          .use_log_fbank = false,
          .use_energy = true,
          .raw_energy = false,
          .energy_floor = 1e-7,
          .num_ceps = 20,
          .cepstral_lifter = 0.3};
}

TEST(FeatureOptions, SurviveTheRoundTripThroughText) {
  for (const FeatureOptions& options : {FeatureOptions{}, Unusual()}) {
    EXPECT_EQ(FeatureOptionsFromText(FeatureOptionsText(options), "x"), options);
  }
}

TEST(FeatureOptions, SizesFollowFromTimes) {
  const FeatureOptions options;
  EXPECT_EQ(options.FrameLength(), 400);
  EXPECT_EQ(options.FrameShift(), 160);
  EXPECT_EQ(options.FftSize(), 512);
  EXPECT_EQ(options.Width(), 80);
  EXPECT_EQ(options.HighestFrequency(), 8000);
  const FeatureOptions odd{.sample_rate = 11025, .round_to_power_of_two = false};
  EXPECT_EQ(odd.FrameLength(), 275);
  EXPECT_EQ(odd.FftSize(), 276);
}

TEST(FeatureOptions, TextThatIsNoneNamesTheField) {
  const auto expect_refused = [](auto change, const std::string& message) {
    nlohmann::json json = FeatureOptionsJson({});
    change(json);
    ExpectError(ExitCode::kBadData, message,
                [&] { FeatureOptionsFromText(JsonText(json), "c.json"); });
  };
  expect_refused([](auto& json) { json.erase("window"); }, "c.json: document has no \"window\"");
  expect_refused([](auto& json) { json["vtln"] = 1; }, "c.json: /vtln is unknown");
  expect_refused([](auto& json) { json["kind"] = "plp"; },
                 "c.json: /kind is \"plp\", allowed are fbank, mfcc");
  expect_refused([](auto& json) { json["use_power"] = 1; }, "/use_power is neither true nor false");
  expect_refused([](auto& json) { json["low_freq"] = "20"; }, "/low_freq is no number");
  expect_refused([](auto& json) { json["num_ceps"] = 1.5; }, "/num_ceps is 1.5");
  ExpectError(ExitCode::kBadData, "c.json: the options of the features are no JSON",
              [] { FeatureOptionsFromText("{", "c.json"); });
}

TEST(FeatureOptions, AllProblemsAreListedTogether) {
  const FeatureOptions wrong{.frame_length_ms = 0.01,
                             .preemphasis = 2,
                             .num_mel_bins = 2,
                             .low_freq = 9000,
                             .high_freq = 9000};
  for (const char* problem :
       {"frame_length_ms is 0.01, allowed: 0.125 (2 samples) .. 4096",
        "preemphasis is 2, allowed: 0..1", "num_mel_bins is 2, allowed: 3..1024",
        "low_freq is 9000, allowed: 0 .. below high_freq, which is 9000 Hz",
        "high_freq is 9000, allowed: up to 8000 (half of sample_rate)"}) {
    ExpectError(ExitCode::kUsage, problem, [&] { CheckFeatureOptions(wrong); });
  }
  ExpectError(ExitCode::kUsage, "sample_rate is 0, allowed: 1000..768000",
              [] { CheckFeatureOptions({.sample_rate = 0}); });
  ExpectError(ExitCode::kUsage, "num_ceps is 30, allowed: 1..23 (num_mel_bins)", [] {
    CheckFeatureOptions({.kind = FeatureKind::kMfcc, .num_mel_bins = 23, .num_ceps = 30});
  });
}

}  // namespace
}  // namespace lockstep
