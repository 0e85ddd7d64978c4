#include "worker/decode/ctc_greedy.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/expect_error.h"
#include "tests/worker/decode/frames.h"

namespace lockstep {
namespace {

constexpr double kFloatTolerance = 1e-6;  // logits are floats
constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(CtcGreedy, CollapsesRunsAndDropsBlanks) {
  const std::vector<float> logits = PeakedLogits({0, 1, 1, 0, 1, 2, 2, 0}, 3, 0.9);
  const std::vector<CtcLabel> labels = DecodeGreedy(LogPosteriors(logits, 3));
  ASSERT_EQ(labels.size(), 3u);
  const Index expected[3][3] = {{1, 1, 2}, {1, 4, 4}, {2, 5, 6}};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(labels[i].label, expected[i][0]);
    EXPECT_EQ(labels[i].first_frame, expected[i][1]);
    EXPECT_EQ(labels[i].last_frame, expected[i][2]);
    EXPECT_NEAR(labels[i].confidence, 0.9, kFloatTolerance);
  }
}

TEST(CtcGreedy, ConfidenceIsTheHighestPosteriorOfTheRun) {
  std::vector<float> logits = PeakedLogits({1, 1, 1}, 3, 0.6);
  const std::vector<float> middle = PeakedLogits({1}, 3, 0.8);
  std::copy(middle.begin(), middle.end(), logits.begin() + 3);
  const std::vector<CtcLabel> labels = DecodeGreedy(LogPosteriors(logits, 3));
  ASSERT_EQ(labels.size(), 1u);
  EXPECT_NEAR(labels[0].confidence, 0.8, kFloatTolerance);
}

TEST(CtcGreedy, TheLowestOfEqualClassesCounts) {
  const std::vector<float> logits(6, 0.5f);
  EXPECT_TRUE(DecodeGreedy(LogPosteriors(logits, 3)).empty());
  const std::vector<float> no_blank = {-1, 2, 2};
  EXPECT_EQ(DecodeGreedy(LogPosteriors(no_blank, 3)).at(0).label, 1);
}

TEST(CtcGreedy, NothingComesFromNoFramesAndFromBlanks) {
  EXPECT_TRUE(DecodeGreedy(LogPosteriors({}, 3)).empty());
  const std::vector<float> blanks = PeakedLogits({0, 0, 0}, 3, 0.9);
  EXPECT_TRUE(DecodeGreedy(LogPosteriors(blanks, 3)).empty());
}

TEST(LogPosteriors, SumToOneWhateverIsAddedToTheLogits) {
  std::vector<float> logits = RandomLogits(4, 5, 1);
  for (std::size_t i = 5; i < 10; ++i) logits[i] += 300;
  const LogPosteriors posteriors(logits, 5);
  for (Index t = 0; t < 4; ++t) {
    double sum = 0;
    for (Index c = 0; c < 5; ++c) sum += std::exp(posteriors.At(t, c));
    EXPECT_NEAR(sum, 1, 1e-12);
  }
}

TEST(LogPosteriors, ImpossibleClassesAreAllowed) {
  const std::vector<float> logits = {-kInfinity, 0, -kInfinity};
  EXPECT_EQ(LogPosteriors(logits, 3).At(0, 0), -kInfinity);
  EXPECT_EQ(LogPosteriors(logits, 3).At(0, 1), 0);
}

TEST(LogPosteriors, AFrameThatIsNoDistributionIsNamed) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), kInfinity}) {
    std::vector<float> logits = RandomLogits(4, 3, 2);
    logits[7] = bad;
    ExpectError(ExitCode::kBadData, "frame 2", [&] { LogPosteriors(logits, 3); });
  }
  const std::vector<float> impossible(3, -kInfinity);
  ExpectError(ExitCode::kBadData, "frame 0", [&] { LogPosteriors(impossible, 3); });
}

TEST(LogAdd, AddsProbabilities) {
  EXPECT_NEAR(LogAdd(std::log(0.25), std::log(0.5)), std::log(0.75), 1e-15);
  EXPECT_EQ(LogAdd(-kInfinity, -kInfinity), -kInfinity);
  EXPECT_EQ(LogAdd(-kInfinity, -3), -3);
  EXPECT_EQ(LogAdd(-1000, 0), 0);
}

}  // namespace
}  // namespace lockstep
