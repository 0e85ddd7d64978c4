#include "data/dna/gc_bins.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "data/dna/dna_corpus.h"
#include "data/dna/fasta.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;
using Bytes = std::vector<std::uint8_t>;
using Names = std::vector<std::string>;

Bytes CodesOf(const std::string& bases) {
  Bytes codes;
  for (const char base : bases) codes.push_back(static_cast<std::uint8_t>(BaseCodeOf(base)));
  return codes;
}

GcCount Count(const std::string& bases) {
  GcCount count;
  count.Add(CodesOf(bases));
  return count;
}

TEST(GcBins, AreEquallyWideBetweenAQuarterAndThreeQuartersAndOpenAtTheEnds) {
  const GcBins bins(4);  // borders at 37.5, 50 and 62.5 %
  const auto bin_of = [&](Index gc) { return bins.BinOf({gc, 1000}); };
  for (const auto& [gc, bin] : std::vector<std::pair<Index, int>>{{0, 0},
                                                                  {249, 0},
                                                                  {250, 0},
                                                                  {374, 0},
                                                                  {375, 1},
                                                                  {499, 1},
                                                                  {500, 2},
                                                                  {624, 2},
                                                                  {625, 3},
                                                                  {750, 3},
                                                                  {1000, 3}})
    EXPECT_EQ(bin_of(gc), bin) << gc;
}

// The closed form in floating-point numbers, where they cannot round over a border.
TEST(GcBins, FollowTheClosedForm) {
  constexpr Index kBases = 997;  // a prime: no share but 0 and 1 is on a border
  for (Index count = 2; count <= GcBins::kMost; ++count) {
    const GcBins bins(count);
    for (Index gc = 0; gc <= kBases; ++gc) {
      const double share = static_cast<double>(gc) / static_cast<double>(kBases);
      const double bin = std::floor((share - 0.25) / 0.5 * static_cast<double>(count));
      EXPECT_EQ(bins.BinOf({gc, kBases}), std::clamp(bin, 0.0, static_cast<double>(count - 1)))
          << gc << " of " << kBases << " in " << count;
    }
  }
}

TEST(GcBins, DoNotCountAmbiguousBases) {
  EXPECT_EQ(Count("ACGTNNNNNNGG").bases, 6);
  EXPECT_EQ(Count("ACGTNNNNNNGG").gc, 4);
  EXPECT_EQ(GcBins(4).BinOf(Count("NNNNNNNNNNNNGG")), 3);
}

TEST(GcBins, ARecordWithoutKnownBasesHasTheBinOfOneHalf) {
  for (Index count : {2, 3, 4, 7, 50}) {
    EXPECT_EQ(GcBins(count).BinOf(Count("NNN")), GcBins(count).BinOf({1, 2}));
    EXPECT_EQ(GcBins(count).BinOf({}), count / 2);
  }
  EXPECT_EQ(GcBins().BinOf(Count("NNN")), 0);
  EXPECT_EQ(GcBins().BinOf(Count("GGG")), 0);
}

TEST(GcBins, OfManyBasesDoNotOverflow) {
  constexpr Index kBases = Index{1} << 50;
  EXPECT_EQ(GcBins(50).BinOf({kBases, kBases}), 49);
  EXPECT_EQ(GcBins(50).BinOf({kBases / 2, kBases}), 25);
}

TEST(GcBins, OtherNumbersOfThemAreRefused) {
  for (Index count : {1, 51, -1})
    ExpectError(ExitCode::kUsage, "allowed are 0 (off) and 2 to 50", [&] { GcBins bins(count); });
  EXPECT_EQ(GcBins(0).count(), 0u);
}

TEST(GcBins, NamesSayBaseAndShare) {
  EXPECT_EQ(GcBins().Symbols().names, (Names{"A", "C", "G", "T", "N"}));
  EXPECT_EQ(GcBins(2).Symbols().names,
            (Names{"A/gc<50", "C/gc<50", "G/gc<50", "T/gc<50", "N/gc<50", "A/gc>=50", "C/gc>=50",
                   "G/gc>=50", "T/gc>=50", "N/gc>=50"}));
  EXPECT_EQ(GcBins(4).NameOf(1), "gc37.5-50");
  EXPECT_EQ(GcBins(3).NameOf(1), "gc41.67-58.33");
  Names names = GcBins(50).Symbols().names;
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

TEST(GcBins, ACorpusWithAnyNumberOfThemHasAUsableSchema) {
  for (Index count : {0, 2, 3, 50}) {
    const CorpusInfo info = DnaCorpusHeader({}, BaseLabels::kFrame, GcBins(count));
    EXPECT_EQ(FindSchemaProblem(info.schema), std::nullopt);
    EXPECT_EQ(info.schema.unit, count == 0 ? "steps" : "bases");
    EXPECT_EQ(info.symbols().size(), 5u * static_cast<std::size_t>(std::max(Index{1}, count)));
  }
}

// Reading the ids of one strand from the other one must give the ids of that strand.
TEST(GcBins, ComplementsOfIdsAreTheIdsOfTheOtherStrand) {
  const std::string bases = "ACGGGCCATNGGCGACCAGT";
  std::string other(bases.rbegin(), bases.rend());
  for (char& base : other)
    base = "ACGTN"[ComplementOf(static_cast<std::uint8_t>(BaseCodeOf(base)))];
  for (Index count : {0, 2, 5, 50}) {
    const GcBins bins(count);
    const std::vector<int> complement = bins.Symbols().complement;
    Bytes ids = IdsOf(CodesOf(bases), bins.BinOf(Count(bases)));
    std::reverse(ids.begin(), ids.end());
    for (std::uint8_t& id : ids) id = static_cast<std::uint8_t>(complement[id]);
    EXPECT_EQ(ids, IdsOf(CodesOf(other), bins.BinOf(Count(other)))) << count;
  }
}

TEST(GcBins, RareOnesJoinTheNearestCommonOne) {
  const auto bins_after = [](const std::vector<Index>& training_bases) {
    GcBins bins(static_cast<Index>(training_bases.size()));
    bins.JoinRare(training_bases);
    return ParseJson(bins.TaskJson())["gc_bins"].get<std::vector<int>>();
  };
  EXPECT_EQ(bins_after({10, 0, 0, 90}), (std::vector<int>{0, 0, 3, 3}));
  EXPECT_EQ(bins_after({0, 0, 50, 0, 0}), (std::vector<int>{2, 2, 2, 2, 2}));
  EXPECT_EQ(bins_after({50, 0, 50}), (std::vector<int>{0, 0, 2}));  // the lower one of two
  EXPECT_EQ(bins_after({1, 99}), (std::vector<int>{0, 1}));         // 1 % are enough
  EXPECT_EQ(bins_after({1, 100}), (std::vector<int>{1, 1}));
  EXPECT_EQ(bins_after({0, 0, 0}), (std::vector<int>{0, 1, 2}));  // nothing to learn from
}

TEST(GcBins, OfRecordsComeInTheOrderOfTheFile) {
  const TempFolder folder;
  const std::string fasta = folder / "g.fa";
  // Longer than a piece of the reader, with another share in each half.
  const std::string halves = std::string(1'500'000, 'A') + "\n" + std::string(1'500'000, 'C');
  Spill(fasta, ">poor\nAAAT\n>gap\nNNN\n>halves\n" + halves + "\n>rich\nGcS\n>short\nA\n");
  EXPECT_EQ(BinsOfRecords(fasta, GcBins(4)), (Bytes{0, 2, 2, 3, 0}));
  EXPECT_EQ(BinsOfRecords("/nowhere/at/all", GcBins()), Bytes{});
  ExpectError(ExitCode::kMissingInput, "/nowhere/at/all",
              [] { BinsOfRecords("/nowhere/at/all", GcBins(4)); });
}

// A corpus that was written and read, its rule changed in between.
class GcRule : public testing::Test {
 protected:
  GcRule() {
    GcBins bins(4);
    bins.JoinRare({50, 0, 10, 40});
    info_ = DnaCorpusHeader({}, BaseLabels::kStrand, bins);
  }
  std::optional<GcBins> Read() { return GcBins::Of(info_, "run/corpus.json"); }
  void ExpectRefused(const std::string& message, const std::function<void(Json*)>& change) {
    Json task = ParseJson(info_.task);
    change(&task);
    CorpusInfo changed = info_;
    changed.task = JsonText(task);
    ExpectError(ExitCode::kBadData, "run/corpus.json: task" + message,
                [&] { GcBins::Of(changed, "run/corpus.json"); });
  }
  CorpusInfo info_;
};

TEST_F(GcRule, IsReadAsItWasWritten) {
  EXPECT_EQ(info_.task, R"({"gc_bins":[0,0,2,3],"gc_percent":[25,75],"task":"label"})");
  const GcBins bins = Read().value();
  EXPECT_EQ(bins.TaskJson(), info_.task);
  EXPECT_EQ(bins.BinOf({40, 100}), 0);
  EXPECT_EQ(bins.BinOf({51, 100}), 2);
}

TEST_F(GcRule, IsAbsentFromOtherCorpora) {
  info_ = DnaCorpusHeader({});
  EXPECT_EQ(info_.task, "");
  EXPECT_EQ(FormatVersionOf(info_), 1);
  EXPECT_EQ(Read().value().count(), 0u);
  info_.schema.vocabularies[0].names[0] = "a";
  EXPECT_FALSE(Read());
  info_ = DnaCorpusHeader({}, BaseLabels::kStrand, GcBins(4));
  info_.task = R"({"task":"classify"})";
  EXPECT_FALSE(Read());
}

TEST_F(GcRule, ThatIsDamagedIsRefused) {
  ExpectRefused("/gc_bins is no list", [](Json* task) { (*task)["gc_bins"] = 4; });
  ExpectRefused("/gc_bins has 1 entries, allowed are 2 to 50",
                [](Json* task) { (*task)["gc_bins"] = {0}; });
  ExpectRefused("/gc_bins has 51 entries",
                [](Json* task) { (*task)["gc_bins"] = std::vector<int>(51, 0); });
  ExpectRefused("/gc_bins/3 is 4, allowed are integers 0..3",
                [](Json* task) { (*task)["gc_bins"][3] = 4; });
  ExpectRefused("/gc_bins/0 is -1", [](Json* task) { (*task)["gc_bins"][0] = -1; });
  ExpectRefused("/gc_bins/0 is \"0\"", [](Json* task) { (*task)["gc_bins"][0] = "0"; });
  ExpectRefused(" has no \"gc_percent\"", [](Json* task) { task->erase("gc_percent"); });
  ExpectRefused("/gc_percent/0 is 20", [](Json* task) { (*task)["gc_percent"][0] = 20; });
  ExpectRefused("/gc_percent has 1 entries", [](Json* task) { (*task)["gc_percent"] = {25}; });
}

TEST_F(GcRule, ThatIsNotThatOfTheSymbolsIsRefused) {
  ExpectRefused("/gc_bins has 3 entries, but the 20 symbols are not those of 3 bins",
                [](Json* task) {
                  (*task)["gc_bins"] = {0, 1, 2};
                });
  info_.schema.vocabularies[0].complement[0] = 0;
  info_.schema.vocabularies[0].complement[3] = 3;
  ExpectError(ExitCode::kBadData, "are not those of 4 bins", [&] { Read(); });
}

}  // namespace
}  // namespace lockstep
