#include "data/speech/features/feature_statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_text.h"
#include "tests/data/speech/features/kaldi_signal.h"

namespace lockstep {
namespace {

using Rows = std::vector<float>;
constexpr Index kWidth = 3;

FeatureStatistics StatisticsOfRows(const Rows& rows) {
  FeatureMoments moments(kWidth);
  moments.Add(rows);
  return StatisticsOf(moments);
}

TEST(FeatureStatistics, LeaveMean0AndVariance1OnWhatTheyAreOf) {
  Rows rows = KaldiSignal(16000, 3000);
  NormaliseBy(StatisticsOfRows(rows), rows);
  const FeatureStatistics after = StatisticsOfRows(rows);
  for (std::size_t i = 0; i < kWidth; ++i) {
    EXPECT_NEAR(after.mean[i], 0, 1e-6);
    EXPECT_NEAR(after.variance[i], 1, 1e-5);
  }
}

TEST(FeatureStatistics, AreReadWithTheBitsThatWereWritten) {
  const FeatureStatistics written = StatisticsOfRows(KaldiSignal(16000, 3000));
  const auto json = ParseJson(JsonText(StatisticsJson(written)));
  const FeatureStatistics read = StatisticsFromJson(JsonNode(json, "corpus.json", ""), kWidth);
  EXPECT_EQ(read.mean, written.mean);
  EXPECT_EQ(read.variance, written.variance);
}

TEST(FeatureStatistics, OfAnotherWidthOrNegativeVarianceAreRefused) {
  const nlohmann::json json = {{"mean", {0, 1}}, {"variance", {1, -1}}};
  const JsonNode node(json, "corpus.json", "");
  EXPECT_THROW(StatisticsFromJson(node, 2), InputError);
  EXPECT_THROW(StatisticsFromJson(node, 3), InputError);
}

// By hand: n = k + 2, sum = k m + x, squares = k (v + m^2) + x^2.
TEST(SmoothedStatistics, CountTheTrainingSplitAsSomeFrames) {
  FeatureMoments own(1);
  own.Add(Rows{9, 6});
  const FeatureStatistics smoothed = SmoothedStatistics({{5}, {4}}, own);
  const double k = kPriorFrames, mean = (k * 5 + 15) / (k + 2);
  EXPECT_NEAR(smoothed.mean[0], mean, 1e-12);
  EXPECT_NEAR(smoothed.variance[0], (k * 29 + 117) / (k + 2) - mean * mean, 1e-12);
}

TEST(SmoothedStatistics, AreThoseOfTheTrainingSplitWithoutFramesAndOfALongRecordingWithMany) {
  const FeatureStatistics training{{1, 2, 3}, {4, 5, 6}};
  const FeatureStatistics of_none = SmoothedStatistics(training, FeatureMoments(kWidth));
  FeatureMoments many(kWidth);
  const Rows rows = KaldiSignal(16000, 3000);
  for (int i = 0; i < 3000; ++i) many.Add(rows);
  const FeatureStatistics of_many = SmoothedStatistics(training, many), own = StatisticsOf(many);
  for (std::size_t i = 0; i < kWidth; ++i) {
    EXPECT_NEAR(of_none.mean[i], training.mean[i], 1e-12);
    EXPECT_NEAR(of_none.variance[i], training.variance[i], 1e-12);
    EXPECT_NEAR(of_many.mean[i], own.mean[i], 1e-2);
    EXPECT_NEAR(of_many.variance[i] / own.variance[i], 1, 1e-2);
  }
}

// By hand: n = d 200 + 1, s = d 200 m + x.
TEST(RunningNormaliser, BeginsWithTheStatisticsOfTheTrainingSplit) {
  RunningNormaliser running({{5}, {4}});
  Rows rows{9};
  running.Apply(rows);
  const double d = 1 - 1 / kForgettingFrames, n = 200 * d + 1;
  const double mean = (200 * d * 5 + 9) / n;
  const double variance = (200 * d * (4 + 25) + 81) / n - mean * mean;
  EXPECT_NEAR(rows[0], (9 - mean) / std::sqrt(variance), 1e-6);
}

TEST(RunningNormaliser, GivesTheSameBitsInPiecesAndSeesNoLaterFrame) {
  const Rows rows = KaldiSignal(16000, 3000);
  const FeatureStatistics training = StatisticsOfRows(rows);
  Rows whole = rows;
  RunningNormaliser(training).Apply(whole);
  Rows pieces(rows.begin(), rows.begin() + 600);
  RunningNormaliser running(training);
  running.Apply(std::span(pieces).first(300));
  running.Apply(std::span(pieces).subspan(300));
  EXPECT_TRUE(std::equal(pieces.begin(), pieces.end(), whole.begin()));
}

// A recording that is louder than the training data comes to mean 0 in some seconds.
TEST(RunningNormaliser, LearnsTheLevelOfARecording) {
  Rows rows(6000);
  for (std::size_t t = 0; t < rows.size(); ++t) rows[t] = t % 2 == 0 ? 11.0f : 13.0f;
  RunningNormaliser({{2}, {1}}).Apply(rows);
  EXPECT_GT(rows[0], 3);
  EXPECT_NEAR(rows[5998] + rows[5999], 0, 0.3);
}

}  // namespace
}  // namespace lockstep
