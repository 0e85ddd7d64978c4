#include "data/arrays/target_finder.h"

#include <cmath>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

const double kNan = std::nan("");

class TargetFinderTest : public testing::Test {
 protected:
  // A sequence of the file x.csv with targets [rows, 1]; labels -1 are no classes.
  void Add(std::vector<double> targets, std::vector<std::int32_t> labels, Index first_line) {
    ArraySequence sequence;
    sequence.file = "x.csv";
    sequence.steps = sequence.target_rows = static_cast<Index>(targets.size());
    for (Index i = 0; i < sequence.steps; ++i) sequence.lines.push_back(first_line + i);
    sequence.targets = std::move(targets);
    sequence.labels = std::move(labels);
    finder_.Add(sequence, {.targets = {"y"}});
  }

  TargetFinder finder_{TargetKind::kFromData, TargetPer::kFromData, false};
};

TEST_F(TargetFinderTest, TextIsAClassAndAFractionIsReal) {
  Add({kNan, 1}, {0, 1}, 2);
  EXPECT_EQ(finder_.Kind(), TargetKind::kClass);
  finder_ = {TargetKind::kFromData, TargetPer::kFromData, false};
  Add({1, 1.5}, {0, kMissingLabel}, 2);
  EXPECT_EQ(finder_.Kind(), TargetKind::kReal);
}

TEST_F(TargetFinderTest, WholeNumbersAloneAreAQuestion) {
  Add({1, 2}, {0, 1}, 2);
  ExpectError(ExitCode::kUsage, "target \"y\" holds whole numbers only (the first in x.csv:2)",
              [&] { finder_.Kind(); });
  finder_ = {TargetKind::kReal, TargetPer::kFromData, false};
  Add({1, 2}, {}, 2);
  EXPECT_EQ(finder_.Kind(), TargetKind::kReal);
  finder_ = {TargetKind::kFromData, TargetPer::kFromData, true};
  Add({1, 2}, {0, 1}, 2);
  EXPECT_EQ(finder_.Kind(), TargetKind::kClass);
}

TEST_F(TargetFinderTest, TextAndFractionsContradictEachOther) {
  Add({kNan, 1.5}, {0, kMissingLabel}, 2);
  ExpectError(ExitCode::kBadData,
              "x.csv:2: target \"y\" is a text here, but a number with a fraction in x.csv:3",
              [&] { finder_.Kind(); });
}

TEST_F(TargetFinderTest, NothingAndTooMuchAreRefused) {
  Add({kNan}, {kMissingLabel}, 2);
  ExpectError(ExitCode::kBadData, "target \"y\" is missing everywhere", [&] { finder_.Kind(); });
  Add({kNan}, {kTooManyLabels}, 3);
  ExpectError(ExitCode::kBadData, "x.csv:3: target \"y\" has more than 65536 different classes",
              [&] { finder_.Kind(); });
}

TEST_F(TargetFinderTest, ATargetThatNeverChangesIsOnePerSequence) {
  Add({kNan, 1.5, 1.5}, {}, 2);
  Add({2.5}, {}, 5);
  EXPECT_EQ(finder_.Per(), TargetPer::kSequence);
  Add({1, 2}, {}, 6);
  EXPECT_EQ(finder_.Per(), TargetPer::kStep);
}

TEST_F(TargetFinderTest, WhatIsAskedForMustHold) {
  finder_ = {TargetKind::kReal, TargetPer::kSequence, false};
  Add({1, kNan, 2}, {}, 2);
  ExpectError(ExitCode::kBadData, "x.csv:4: target \"y\" differs from an earlier row",
              [&] { finder_.Per(); });
  finder_ = {TargetKind::kReal, TargetPer::kStep, false};
  ArraySequence one{.file = "x.npy", .steps = 3, .target_rows = 1, .targets = {1}};
  ExpectError(ExitCode::kUsage, "x.npy, sequence 0 (counted from 0): --target-per is step",
              [&] { finder_.Add(one, {.targets = {"y"}}); });
}

TEST_F(TargetFinderTest, CondensingKeepsTheFirstValueOfEachColumn) {
  ArraySequence sequence{.steps = 3, .target_rows = 3, .targets = {kNan, 1, 2, kNan, 3, 4}};
  CondenseTargets(&sequence);
  EXPECT_THAT(sequence.targets, testing::ElementsAre(2, 1));
  EXPECT_EQ(sequence.target_rows, 1);
  ArraySequence labels{.steps = 2, .target_rows = 2, .targets = {1, 1}, .labels = {-1, 4}};
  CondenseTargets(&labels);
  EXPECT_THAT(labels.labels, testing::ElementsAre(4));
}

}  // namespace
}  // namespace lockstep
