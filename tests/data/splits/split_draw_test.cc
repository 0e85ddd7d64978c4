#include "data/splits/split_draw.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

// Rows of three classes of very different sizes, mixed.
std::vector<DrawnRow> Rows(std::uint64_t count) {
  std::vector<DrawnRow> rows;
  for (std::uint64_t i = 0; i < count; ++i) {
    rows.push_back(
        {.file = i % 2, .line = i / 2 + 1, .label = i % 10 == 0 ? 2 : (i % 3 == 0 ? 1 : 0)});
  }
  return rows;
}

// Number of rows by class and split.
std::map<std::pair<std::int32_t, DataSplit>, Index> Count(const std::vector<DrawnRow>& rows,
                                                          const std::vector<DataSplit>& splits) {
  std::map<std::pair<std::int32_t, DataSplit>, Index> counts;
  for (std::size_t r = 0; r < rows.size(); ++r) ++counts[{rows[r].label, splits[r]}];
  return counts;
}

TEST(SplitDraw, WithoutADrawEverythingIsTrainingData) {
  for (const DataSplit split : DrawSplits(Rows(50), {})) EXPECT_EQ(split, DataSplit::kTrain);
}

TEST(SplitDraw, ADrawThatLeavesNothingToTrainOnIsRefused) {
  ExpectError(ExitCode::kUsage, "none is left to train on",
              [] { DrawSplits(Rows(1), {.valid_fraction = 0.6}); });
  ExpectError(ExitCode::kUsage, "of 2 samples (of documents, where files mark them) all are drawn",
              [] { DrawSplits(Rows(2), {.test_fraction = 0.9}); });
}

TEST(SplitDraw, FractionsAreThoseOfEachClass) {
  const std::vector<DrawnRow> rows = Rows(1000);
  const auto splits = DrawSplits(rows, {.valid_fraction = 0.1, .test_fraction = 0.25});
  auto counts = Count(rows, splits);
  const auto all = Count(rows, DrawSplits(rows, {}));
  for (const std::int32_t label : {0, 1, 2}) {
    const auto total = static_cast<double>(all.at({label, DataSplit::kTrain}));
    EXPECT_EQ((counts[{label, DataSplit::kValid}]), std::lround(0.1 * total)) << label;
    EXPECT_EQ((counts[{label, DataSplit::kTest}]), std::lround(0.25 * total)) << label;
  }
}

TEST(SplitDraw, FoldsArePartsOfTheWholeOfEqualSizeInEachClass) {
  const std::vector<DrawnRow> rows = Rows(1003);
  constexpr Index kFolds = 10;
  std::vector<int> tested(rows.size(), 0);
  const auto all = Count(rows, DrawSplits(rows, {}));
  for (Index fold = 1; fold <= kFolds; ++fold) {
    const auto splits = DrawSplits(rows, {.valid_fraction = 0.2, .folds = kFolds, .fold = fold});
    auto counts = Count(rows, splits);
    Index size = 0;
    for (const std::int32_t label : {0, 1, 2}) {
      const Index total = all.at({label, DataSplit::kTrain});
      const Index test = counts[{label, DataSplit::kTest}];
      EXPECT_GE(test, total / kFolds);
      EXPECT_LE(test, total / kFolds + 1);
      EXPECT_EQ((counts[{label, DataSplit::kValid}]),
                std::lround(0.2 * static_cast<double>(total - test)));
      size += test;
    }
    EXPECT_GE(size, 100);  // 1003 / 10, rounded down or up
    EXPECT_LE(size, 101);
    for (std::size_t r = 0; r < rows.size(); ++r)
      tested[r] += splits[r] == DataSplit::kTest ? 1 : 0;
  }
  EXPECT_THAT(tested, testing::Each(1));
}

TEST(SplitDraw, FoldsDependOnSeedFileAndLineAlone) {
  std::vector<DrawnRow> rows = Rows(400);
  const SplitDraw draw{.valid_fraction = 0.1, .folds = 5, .fold = 2};
  const auto splits = DrawSplits(rows, draw);
  std::vector<DrawnRow> reversed(rows.rbegin(), rows.rend());
  const auto of_reversed = DrawSplits(reversed, draw);
  EXPECT_EQ(std::vector<DataSplit>(of_reversed.rbegin(), of_reversed.rend()), splits);
  EXPECT_EQ(DrawSplits(rows, draw), splits);
  EXPECT_NE(DrawSplits(rows, {.seed = 2, .valid_fraction = 0.1, .folds = 5, .fold = 2}), splits);
  // The test fold does not move when another share of the rest is drawn for validation.
  const auto without_valid = DrawSplits(rows, {.folds = 5, .fold = 2});
  for (std::size_t r = 0; r < rows.size(); ++r) {
    EXPECT_EQ(without_valid[r] == DataSplit::kTest, splits[r] == DataSplit::kTest);
  }
}

TEST(SplitDraw, DrawsAreSpreadOverTheFile) {
  // About half of the test rows lie in the first half: binomial with a
  // standard deviation of 10, so that 60 off happens once in 10^9 seeds.
  std::vector<DrawnRow> rows;
  for (std::uint64_t i = 0; i < 2000; ++i) rows.push_back({.line = i + 1});
  const auto splits = DrawSplits(rows, {.test_fraction = 0.2});
  EXPECT_NEAR(std::count(splits.begin(), splits.begin() + 1000, DataSplit::kTest), 200, 60);
}

TEST(SplitDraw, ASplitThatGotNothingIsTold) {
  EXPECT_THAT(EmptyDrawWarnings({.valid_fraction = 0.1}, {4, 0, 0}),
              testing::ElementsAre(testing::HasSubstr(
                  "the valid split is empty: --valid-fraction 0.1 of 4 samples")));
  EXPECT_THAT(EmptyDrawWarnings({.test_fraction = 0.2}, {4, 0, 0}), testing::SizeIs(1));
  EXPECT_THAT(EmptyDrawWarnings({.folds = 10, .fold = 9}, {4, 0, 0}),
              testing::ElementsAre(testing::HasSubstr("--fold 9/10")));
  EXPECT_THAT(EmptyDrawWarnings({.valid_fraction = 0.1}, {9, 1, 0}), testing::IsEmpty());
  EXPECT_THAT(EmptyDrawWarnings({}, {4, 0, 0}), testing::IsEmpty());
}

TEST(SplitDraw, WrongOptionsAreToldTogether) {
  EXPECT_THAT(FindSplitDrawProblems({.valid_fraction = 0.1, .folds = 10, .fold = 10}),
              testing::IsEmpty());
  EXPECT_THAT(FindSplitDrawProblems({.valid_fraction = -0.1, .test_fraction = std::nan("")}),
              testing::SizeIs(3));
  EXPECT_THAT(FindSplitDrawProblems({.valid_fraction = 0.6, .test_fraction = 0.6}),
              testing::SizeIs(1));
  for (const SplitDraw& bad :
       {SplitDraw{.folds = 1, .fold = 1}, SplitDraw{.folds = 10, .fold = 0},
        SplitDraw{.folds = 10, .fold = 11}, SplitDraw{.folds = 2000, .fold = 1}}) {
    EXPECT_THAT(FindSplitDrawProblems(bad), testing::ElementsAre(testing::HasSubstr("--fold is")));
  }
  EXPECT_THAT(FindSplitDrawProblems({.test_fraction = 0.1, .folds = 2, .fold = 1}),
              testing::ElementsAre(testing::HasSubstr("give one of them")));
}

TEST(SplitDraw, AFoldIsWrittenAsKOfN) {
  SplitDraw draw;
  ParseFold("3/10", &draw);
  EXPECT_EQ(draw.fold, 3);
  EXPECT_EQ(draw.folds, 10);
  for (const char* bad : {"", "3", "3/", "/10", "3/10x", "a/b", "3/0"}) {
    ExpectError(ExitCode::kUsage, "allowed: K/N, for example 1/10", [&] { ParseFold(bad, &draw); });
  }
}

}  // namespace
}  // namespace lockstep
