#include "worker/decode/ctc_align.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/worker/decode/every_path.h"
#include "tests/worker/decode/frames.h"

namespace lockstep {
namespace {

constexpr double kTolerance = 1e-12;

TEST(CtcAlign, TheSumOverPathsIsThatOfAllPaths) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const std::vector<float> logits = RandomLogits(6, 4, seed);
    const LogPosteriors posteriors(logits, 4);
    for (const auto& [labels, log_prob] : EveryLabelling(posteriors)) {
      EXPECT_NEAR(LabellingLogProbability(posteriors, labels), log_prob, kTolerance);
    }
  }
}

TEST(CtcAlign, LabellingsThatDoNotFitAreImpossible) {
  const std::vector<float> logits = RandomLogits(3, 3, 1);
  const LogPosteriors posteriors(logits, 3);
  for (const std::vector<Index>& labels :
       {std::vector<Index>{1, 1, 2}, std::vector<Index>{1, 2, 1, 2}}) {
    EXPECT_EQ(LabellingLogProbability(posteriors, labels),
              -std::numeric_limits<double>::infinity());
    EXPECT_TRUE(AlignLabels(posteriors, labels).empty());
  }
  EXPECT_EQ(LabellingLogProbability(LogPosteriors({}, 3), {}), 0);
}

TEST(CtcAlign, FindsLabelsWhereTheyPeak) {
  const std::vector<float> logits = PeakedLogits({0, 1, 1, 0, 1, 2, 2, 0}, 3, 0.8);
  const std::vector<Index> labels = {1, 1, 2};
  const std::vector<CtcLabel> aligned = AlignLabels(LogPosteriors(logits, 3), labels);
  ASSERT_EQ(aligned.size(), 3u);
  const Index expected[3][2] = {{1, 2}, {4, 4}, {5, 6}};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(aligned[i].label, labels[i]);
    EXPECT_EQ(aligned[i].first_frame, expected[i][0]);
    EXPECT_EQ(aligned[i].last_frame, expected[i][1]);
    EXPECT_NEAR(aligned[i].confidence, 0.8, 1e-6);
  }
}

// The likeliest labelling of a frame by frame best path is aligned as that path lies.
TEST(CtcAlign, AgreesWithTheBestPathOnItsOwnLabelling) {
  const std::vector<float> logits = RandomLogits(40, 6, 9, 3);
  const LogPosteriors posteriors(logits, 6);
  const std::vector<CtcLabel> greedy = DecodeGreedy(posteriors);
  std::vector<Index> labels;
  for (const CtcLabel& label : greedy) labels.push_back(label.label);
  const std::vector<CtcLabel> aligned = AlignLabels(posteriors, labels);
  ASSERT_EQ(aligned.size(), greedy.size());
  for (std::size_t i = 0; i < greedy.size(); ++i) {
    EXPECT_EQ(aligned[i].first_frame, greedy[i].first_frame);
    EXPECT_EQ(aligned[i].last_frame, greedy[i].last_frame);
    EXPECT_EQ(aligned[i].confidence, greedy[i].confidence);
  }
}

TEST(CtcAlign, ALabelTheFramesSpeakAgainstHasLittleConfidence) {
  const std::vector<float> logits = PeakedLogits({1, 1, 0, 0}, 3, 0.98);
  const std::vector<Index> labels = {1, 2};
  const std::vector<CtcLabel> aligned = AlignLabels(LogPosteriors(logits, 3), labels);
  EXPECT_NEAR(aligned.at(1).confidence, 0.01, 1e-6);
}

}  // namespace
}  // namespace lockstep
