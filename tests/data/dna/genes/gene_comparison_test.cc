#include "data/dna/genes/gene_comparison.h"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

CodingSequence MakeSequence(Index begin, Index end, bool plus) {
  CodingSequence sequence;
  sequence.plus_strand = plus;
  sequence.parts = {{begin, end, 0}};
  return sequence;
}

class GeneComparisonTest : public testing::Test {
 protected:
  GeneComparisonTest() {
    genome_.records = {{"one", 0, 0, 10000}};
    genome_.bases = 10000;
  }
  GeneComparison Compare(const std::vector<CodingSequence>& annotated,
                         const std::vector<CodingSequence>& found) {
    return CompareGenes(genome_, ranges_, annotated, found, folder_.path());
  }

  TempFolder folder_;
  Genome genome_;
  std::vector<SplitRange> ranges_ = {{0, 10000, "test"}};
};

TEST_F(GeneComparisonTest, CountsBasesByClass) {
  const GeneComparison result =
      Compare({MakeSequence(100, 400, true), MakeSequence(1000, 1600, false)},
              {MakeSequence(130, 400, true), MakeSequence(1000, 1600, true)});
  EXPECT_EQ(result.bases[1][1], 270);
  EXPECT_EQ(result.bases[1][0], 30);
  EXPECT_EQ(result.bases[2][1], 600);
  EXPECT_EQ(result.bases[0][0], 10000 - 300 - 600);
}

TEST_F(GeneComparisonTest, GenesAreComparedByTheirStopCodon) {
  const GeneComparison result =
      Compare({MakeSequence(100, 400, true), MakeSequence(1000, 1600, false),
               MakeSequence(3000, 3900, true)},
              {MakeSequence(130, 400, true),     // the stop codon is right
               MakeSequence(1000, 1600, false),  // both ends are
               MakeSequence(3000, 3600, true),   // another stop codon
               MakeSequence(5000, 5090, false)});
  EXPECT_EQ(result.genes.annotated, 3);
  EXPECT_EQ(result.genes.found, 4);
  EXPECT_EQ(result.genes.stops, 2);
  EXPECT_EQ(result.genes.both, 1);
  EXPECT_EQ(result.by_length[2].stops, 1);  // 300 to 599 bases
  EXPECT_EQ(result.by_length[3].both, 1);
  EXPECT_EQ(result.by_length[0].found, 1);
  EXPECT_EQ(result.right_by_length[1], 1);  // 270 bases were found of the first one
}

TEST_F(GeneComparisonTest, OnTheMinusStrandTheLowEndStops) {
  const GeneComparison result =
      Compare({MakeSequence(1000, 1600, false)}, {MakeSequence(1000, 1300, false)});
  EXPECT_EQ(result.genes.stops, 1);
  EXPECT_EQ(result.genes.both, 0);
  EXPECT_EQ(
      Compare({MakeSequence(1000, 1600, false)}, {MakeSequence(1300, 1600, false)}).genes.stops, 0);
}

TEST_F(GeneComparisonTest, OnlyGenesThatLieWhollyInTheRangesCount) {
  ranges_ = {{0, 500, "test"}, {2000, 3000, "test"}};
  const GeneComparison result = Compare(
      {MakeSequence(100, 400, true), MakeSequence(400, 700, true), MakeSequence(2000, 3000, false)},
      {MakeSequence(450, 540, true)});
  EXPECT_EQ(result.genes.annotated, 2);
  EXPECT_EQ(result.genes.found, 0);
  EXPECT_EQ(result.bases[1][1], 50);
  EXPECT_EQ(result.bases[0][0], 100);
}

TEST_F(GeneComparisonTest, PseudogenesAreNeitherMissedNorWrong) {
  CodingSequence pseudo = MakeSequence(100, 400, true);
  pseudo.is_pseudo = true;
  const GeneComparison result =
      Compare({pseudo, MakeSequence(1000, 1600, false)}, {MakeSequence(160, 400, true)});
  EXPECT_EQ(result.genes.annotated, 1);
  EXPECT_EQ(result.genes.found, 0);
  EXPECT_EQ(result.pseudo_annotated, 1);
  EXPECT_EQ(result.pseudo_found, 1);
}

}  // namespace
}  // namespace lockstep
