// Agreement with Kaldi: kaldi_features.json was written by make_kaldi_features.py.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "data/speech/features/feature_extractor.h"
#include "tests/data/speech/features/kaldi_signal.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

// Relative to the value, or to 1 when that is more: Kaldi computes mel weights and spectra in
// float, and linear energies are large.
constexpr double kTolerance = 1e-3;

nlohmann::json KaldiCases() {
  const std::string folder = std::string(LOCKSTEP_SOURCE_DIR) + "/tests/data/speech/features/";
  return ParseJson(Slurp(folder + "kaldi_features.json")).at("cases");
}

double WorstError(const std::vector<float>& expected, const float* row) {
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double error = std::abs(expected[i] - row[i]) / std::max(1.0f, std::abs(expected[i]));
    worst = std::isfinite(error) ? std::max(worst, error) : HUGE_VAL;
  }
  return worst;
}

TEST(KaldiFeatures, AllOptionSetsAgree) {
  double worst = 0;
  for (const nlohmann::json& item : KaldiCases()) {
    SCOPED_TRACE(item.at("name").get<std::string>());
    FeatureExtractor extractor(FeatureOptionsFromJson(item.at("options"), "kaldi_features.json"));
    const Index samples = item.at("samples");
    ASSERT_EQ(extractor.Frames(samples), item.at("frames").get<Index>());
    std::vector<float> rows(
        static_cast<std::size_t>(extractor.Frames(samples) * extractor.width()));
    extractor.Compute(KaldiSignal(extractor.options().sample_rate, samples), rows.data());
    for (const auto& [frame, values] : item.at("rows").items()) {
      const std::vector<float> expected = values;
      ASSERT_EQ(static_cast<Index>(expected.size()), extractor.width());
      const double error =
          WorstError(expected, rows.data() + std::stoll(frame) * extractor.width());
      EXPECT_LE(error, kTolerance) << "frame " << frame;
      worst = std::max(worst, error);
    }
  }
  RecordProperty("worst_error", std::to_string(worst));
}

}  // namespace
}  // namespace lockstep
