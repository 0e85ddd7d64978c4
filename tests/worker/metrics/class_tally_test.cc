#include "worker/metrics/class_tally.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

// Class 0: 2 of 3 found; class 1: 1 of 2; class 2 occurs but is never found; class 3 is found but
// never occurs; class 4 neither.
ClassTally Small() {
  ClassTally tally(5);
  tally.Add(0, 0, 2);
  tally.Add(0, 1);
  tally.Add(1, 1);
  tally.Add(1, 3);
  tally.Add(2, 0);
  return tally;
}

TEST(ClassTally, CountsTruthsFoundsAndRight) {
  const ClassTally tally = Small();
  EXPECT_EQ(tally.truths(0), 3);
  EXPECT_EQ(tally.founds(0), 3);
  EXPECT_EQ(tally.right(0), 2);
  EXPECT_EQ(tally.founds(3), 1);
  EXPECT_EQ(tally.truths(3), 0);
}

TEST(ClassTally, F1IsTheHarmonicMeanOfPrecisionAndRecall) {
  const ClassTally tally = Small();
  EXPECT_DOUBLE_EQ(tally.Precision(0), 2.0 / 3);
  EXPECT_DOUBLE_EQ(tally.Recall(1), 1.0 / 2);
  EXPECT_DOUBLE_EQ(tally.F1(0), 2.0 / 3);
  EXPECT_DOUBLE_EQ(tally.F1(1), 1.0 / 2);
  EXPECT_EQ(tally.F1(2), 0);
  EXPECT_EQ(tally.F1(3), 0);
  EXPECT_EQ(tally.F1(4), 0);
}

// Classes 3 and 4 do not occur, so they are left out; class 2 counts with 0.
TEST(ClassTally, MacroF1IsTheMeanOverClassesThatOccur) {
  EXPECT_DOUBLE_EQ(Small().MacroF1(), (2.0 / 3 + 1.0 / 2 + 0) / 3);
  EXPECT_EQ(ClassTally(4).MacroF1(), 0);
  EXPECT_EQ(ClassTally().MacroF1(), 0);
}

TEST(ClassTally, PartsAddUpToTheWhole) {
  ClassTally sum(5), part(5);
  part.Add(0, 0, 2);
  part.Add(0, 1);
  sum.Add(part);
  part.Clear();
  part.Add(1, 1);
  part.Add(1, 3);
  part.Add(2, 0);
  sum.Add(part);
  EXPECT_EQ(sum, Small());
}

}  // namespace
}  // namespace lockstep
