#include "worker/losses/bleu_metric.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

BleuCounts CountsOf(std::vector<int> hypothesis, std::vector<int> reference) {
  BleuCounts counts;
  counts.Add(std::span<const int>(hypothesis), std::span<const int>(reference));
  return counts;
}

TEST(BleuMetric, IsTheBleuOfAllSentencesThatWereAdded) {
  const TaskMetric metric = BleuMetric();
  ClassTally tally(metric.classes);
  AddToTally(CountsOf({1, 2, 3, 4, 9}, {1, 2, 3, 4, 5, 6}), &tally);
  AddToTally(CountsOf({7, 8}, {8, 7}), &tally);
  Bleu texts({BleuTokenizer::kNone});
  texts.Add("1 2 3 4 9", "1 2 3 4 5 6");
  texts.Add("7 8", "8 7");
  EXPECT_DOUBLE_EQ(metric.of({}, tally), texts.counts().Score() / 100);
}

TEST(BleuMetric, IsZeroWithoutSentences) {
  EXPECT_EQ(BleuMetric().of({}, ClassTally(BleuMetric().classes)), 0);
  EXPECT_EQ(BleuMetric().of({}, ClassTally()), 0);
}

}  // namespace
}  // namespace lockstep
