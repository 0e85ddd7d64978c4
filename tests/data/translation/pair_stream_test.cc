#include "data/translation/pair_stream.h"

#include <map>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;

class PairStreamTest : public testing::Test {
 protected:
  void AddTable(const std::string& name, const std::string& bytes,
                DataSplit split = DataSplit::kTrain) {
    Spill(folder_ / name, bytes);
    options_.files.push_back({split, folder_ / name, ""});
  }
  std::vector<std::string> Sources() {
    PairStream stream(options_, "test");
    std::vector<std::string> sources;
    for (PairStream::Pair pair; stream.Next(&pair);) sources.push_back(pair.source);
    counts_ = stream.counts();
    return sources;
  }

  TempFolder folder_;
  TranslationOptions options_;
  PairCounts counts_;
};

TEST_F(PairStreamTest, FilesFollowEachOtherWithTheirSplits) {
  AddTable("train", "a\tb\nc\td\n");
  AddTable("test", "e\tf\n", DataSplit::kTest);
  EXPECT_THAT(Sources(), ElementsAre("a", "c", "e"));
  EXPECT_THAT(counts_.pairs, ElementsAre(2, 0, 1));
}

TEST_F(PairStreamTest, SourcesThatDifferInBlanksAloneAreDrawnForOneSplit) {
  const SplitDraw draw = {.valid_fraction = 0.3, .test_fraction = 0.3};
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(DrawPairSplit(draw, fmt::format("a n{}", i)),
              DrawPairSplit(draw, fmt::format(" a \t n{} ", i)));
  }
}

TEST_F(PairStreamTest, TwoTablesAreNoSourceAndTarget) {
  Spill(folder_ / "one", "a\tb\n\tc\n");
  Spill(folder_ / "two", "d\te\nf\tg\n");
  options_.files.push_back({DataSplit::kTrain, folder_ / "one", folder_ / "two"});
  ExpectError(ExitCode::kUsage, "both have a tab in every line", [&] { Sources(); });
  Spill(folder_ / "two", "d\te\nf\n");
  EXPECT_EQ(Sources().size(), 2U);
}

TEST_F(PairStreamTest, RulesAreAppliedButTheRawTargetStays) {
  options_.rules.lower_case = true;
  AddTable("train", "A\tB\n");
  PairStream stream(options_, "test");
  PairStream::Pair pair;
  ASSERT_TRUE(stream.Next(&pair));
  EXPECT_EQ(pair.source + pair.target + pair.raw_target, "abB");
}

TEST_F(PairStreamTest, APairWithAnEmptySideIsRefusedWithItsPlaceAndTheNumberOfAll) {
  AddTable("train", "a\tb\n \tc\nd\t\n");
  ExpectError(ExitCode::kBadData, folder_ / "train:2: the line has no token", [&] { Sources(); });
  ExpectError(ExitCode::kBadData, "2 pairs have an empty side", [&] { Sources(); });
}

TEST_F(PairStreamTest, SkippedEmptyPairsAreCounted) {
  options_.skip_empty = true;
  AddTable("train", "a\tb\n \tc\nd\t\ne\tf\n");
  EXPECT_THAT(Sources(), ElementsAre("a", "e"));
  EXPECT_EQ(counts_.empty, 2);
}

TEST_F(PairStreamTest, EqualSourcesAreInOneSplit) {
  options_.draw = {.seed = 3, .valid_fraction = 0.2, .test_fraction = 0.2};
  std::string table;
  for (int i = 0; i < 3000; ++i)
    table += std::to_string(i % 1000) + "\tx" + std::to_string(i) + "\n";
  AddTable("train", table);
  std::map<std::string, DataSplit> split_of;
  PairStream stream(options_, "test");
  for (PairStream::Pair pair; stream.Next(&pair);)
    EXPECT_EQ(split_of.emplace(pair.source, pair.split).first->second, pair.split);
  // 200 of 1000 sources are expected in each; the standard deviation is 13.
  for (const std::size_t split : {1, 2}) {
    EXPECT_GT(stream.counts().pairs[split], 3 * 150);
    EXPECT_LT(stream.counts().pairs[split], 3 * 250);
  }
}

TEST_F(PairStreamTest, EachSourceIsInOneFoldOfAll) {
  for (int i = 0; i < 200; ++i) {
    int folds = 0;
    for (Index fold = 1; fold <= 5; ++fold) {
      const SplitDraw draw{.folds = 5, .fold = fold};
      folds += DrawPairSplit(draw, std::to_string(i)) == DataSplit::kTest ? 1 : 0;
    }
    EXPECT_EQ(folds, 1) << i;
  }
}

TEST_F(PairStreamTest, GivenSplitsAreNotDrawn) {
  options_.draw = {.test_fraction = 0.9};
  AddTable("valid", "a\tb\nc\td\ne\tf\n", DataSplit::kValid);
  Sources();
  EXPECT_THAT(counts_.pairs, ElementsAre(0, 3, 0));
}

}  // namespace
}  // namespace lockstep
