#include "data/translation/synthetic_pairs.h"

#include <map>
#include <set>

#include "data/text/tokenizer.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

std::vector<std::string> WordsOf(const std::string& text) { return Tokenizer({}).Split(text); }

TEST(SyntheticPairs, AreAFunctionOfSeedAndNumber) {
  EXPECT_EQ(MakeSyntheticPair(1, 7).source, MakeSyntheticPair(1, 7).source);
  EXPECT_NE(MakeSyntheticPair(1, 7).source, MakeSyntheticPair(1, 8).source);
  EXPECT_NE(MakeSyntheticPair(1, 7).source, MakeSyntheticPair(2, 7).source);
  EXPECT_EQ(MakeSyntheticPair(1, 7).line, 8);
}

// Each word of the source has one of the target, so that both are as long as each other.
TEST(SyntheticPairs, HaveAWordOfTheTargetForEachOfTheSource) {
  std::set<std::size_t> lengths;
  for (Index n = 0; n < 1000; ++n) {
    const TextPair pair = MakeSyntheticPair(1, n);
    EXPECT_EQ(WordsOf(pair.source).size(), WordsOf(pair.target).size()) << pair.source;
    lengths.insert(WordsOf(pair.source).size());
  }
  EXPECT_EQ(lengths, (std::set<std::size_t>{3, 4, 5, 6, 7, 8}));
}

TEST(SyntheticPairs, TheSameSourceHasTheSameTarget) {
  std::map<std::string, std::string> targets;
  for (Index n = 0; n < 20000; ++n) {
    const TextPair pair = MakeSyntheticPair(3, n);
    EXPECT_EQ(targets.try_emplace(pair.source, pair.target).first->second, pair.target);
  }
  EXPECT_LT(targets.size(), 20000u) << "some sentence is there twice, or nothing was compared";
}

TEST(SyntheticPairs, TheLastTwoTenthsAreHeldOut) {
  std::map<DataSplit, Index> counts;
  for (Index n = 0; n < 57; ++n) ++counts[SyntheticSplit(n, 57)];
  EXPECT_EQ(counts[DataSplit::kTrain], 47);
  EXPECT_EQ(counts[DataSplit::kValid], 5);
  EXPECT_EQ(counts[DataSplit::kTest], 5);
  EXPECT_EQ(SyntheticSplit(0, 10), DataSplit::kTrain);
  EXPECT_EQ(SyntheticSplit(8, 10), DataSplit::kValid);
  EXPECT_EQ(SyntheticSplit(9, 10), DataSplit::kTest);
}

}  // namespace
}  // namespace lockstep
