#include "data/dna/genes/gene_finder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "tests/data/dna/genes/gene_evidence.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using Ends = std::tuple<Index, Index, bool>;
std::vector<Ends> EndsOf(const std::vector<Gene>& genes) {
  std::vector<Ends> ends;
  for (const Gene& gene : genes) ends.emplace_back(gene.begin, gene.end, gene.plus_strand);
  return ends;
}

// A made-up genome and its genes.
struct Made {
  std::string bases;
  std::vector<Gene> genes;
  void Add(const std::string& more) { bases += more; }
  void AddGene(const std::string& gene, bool plus) {
    const auto begin = static_cast<Index>(bases.size());
    genes.push_back({begin, begin + static_cast<Index>(gene.size()), plus});
    bases += plus ? gene : ReverseComplement(gene);
  }
};

Made MakeGenome(int genes, std::uint64_t seed) {
  BaseDraw draw(seed);
  Made made;
  made.Add(draw.Bases(100));
  for (int i = 0; i < genes; ++i) {
    made.AddGene(draw.Gene(60 + draw.Below(150)), draw.Below(2) == 0);
    made.Add(draw.Bases(40 + draw.Below(200)));
  }
  return made;
}

class GeneFinderTest : public testing::Test {
 protected:
  void Add(const Made& made, Index record, float sure = 6) {
    const std::vector<std::uint8_t> codes = CodesOfText(made.bases);
    const std::vector<float> logits =
        FrameLogits(static_cast<Index>(codes.size()), made.genes, sure);
    evidence_.Add(record, fmt::format("r{}", record), codes, logits);
  }
  std::vector<Gene> Find(std::size_t record = 0) {
    GeneFinder finder(options_, evidence_);
    finder.Learn();
    std::vector<Gene> genes;
    finder.Find(evidence_.records()[record], [&](const std::vector<Gene>& part) {
      genes.insert(genes.end(), part.begin(), part.end());
    });
    return genes;
  }

  TempFolder folder_;
  GeneFinderOptions options_;
  EvidenceFile evidence_{folder_ / "evidence", BaseLabels::kFrame};
};

TEST_F(GeneFinderTest, FindsTheGenesThatTheModelSees) {
  const Made made = MakeGenome(120, 1);
  Add(made, 0);
  EXPECT_EQ(EndsOf(Find()), EndsOf(made.genes));
}

TEST_F(GeneFinderTest, BlocksOfAnySizeGiveTheSameGenes) {
  const Made made = MakeGenome(700, 2);
  Add(made, 0, 3);
  options_.rounds = 0;  // what is learned depends on the blocks
  const std::vector<Ends> expected = EndsOf(Find());
  EXPECT_GT(expected.size(), 600u);
  for (const Index block : {40000, 61234, 100000}) {
    options_.block_bases = block;
    EXPECT_EQ(EndsOf(Find()), expected) << block;
  }
}

TEST_F(GeneFinderTest, NoGeneCrossesAGapButGenesAreCutOffThere) {
  BaseDraw draw(4);
  Made made;
  made.Add(draw.Bases(90));
  made.AddGene(draw.Gene(200), true);
  made.Add(draw.Bases(90));
  made.bases.replace(390, 12, "NNNNNNNNNNNN");
  Add(made, 0);
  const std::vector<Gene> genes = Find();
  ASSERT_EQ(genes.size(), 2u);
  EXPECT_EQ(EndsOf(genes), (std::vector<Ends>{{90, 390, true}, {402, 690, true}}));
  EXPECT_TRUE(genes[0].open_stop && !genes[0].open_start);
  EXPECT_TRUE(genes[1].open_start && !genes[1].open_stop);
}

TEST_F(GeneFinderTest, AGeneOverTheOriginOfACircleIsWhole) {
  BaseDraw draw(6);
  const std::string gene = draw.Gene(150);
  for (const bool plus : {true, false}) {
    const std::string read = plus ? gene : ReverseComplement(gene);
    Made made;
    made.bases = read.substr(200) + draw.Bases(1000) + read.substr(0, 200);
    const auto size = static_cast<Index>(made.bases.size());
    made.genes = {{size - 200, size + 250, plus}};
    const Index record = plus ? 0 : 1;
    Add(made, record);
    evidence_.SetCircular(static_cast<std::size_t>(record));
    const std::vector<Gene> found = Find(static_cast<std::size_t>(record));
    EXPECT_EQ(EndsOf(found), EndsOf(made.genes)) << plus;
  }
}

TEST_F(GeneFinderTest, ShortRecordsAndManyOfThemAreFine) {
  BaseDraw draw(8);
  for (Index record = 0; record < 300; ++record) {
    Made made;
    made.bases = draw.Bases(1 + record % 7);
    if (record % 3 == 0) made.AddGene(draw.Gene(40), record % 2 == 0);
    Add(made, record);
  }
  for (const std::size_t record : {0u, 1u, 3u, 299u}) {
    const std::vector<Gene> genes = Find(record);
    EXPECT_EQ(genes.size(), record % 3 == 0 ? 1u : 0u) << record;
  }
}

TEST_F(GeneFinderTest, AmbiguousBasesOnlyHaveNoGenes) {
  Made made;
  made.bases = std::string(500, 'N');
  Add(made, 0);
  EXPECT_TRUE(Find().empty());
}

// A model that has learned nothing says "other" everywhere; long open reading frames still tell.
TEST_F(GeneFinderTest, FindsGenesOfWhichTheModelSeesNone) {
  // As in bacteria, codons are used unevenly, and other frames have stop codons.
  const char* const kCodonsUsed[] = {"GAA", "CTG", "AAA", "GGC", "GCG", "CTA", "TTA",
                                     "TCA", "ACC", "GAT", "TAC", "CTT", "ATC"};
  BaseDraw draw(11);
  Made made;
  for (int i = 0; i < 400; ++i) {
    made.Add(draw.Bases(60 + draw.Below(100)));
    std::string gene = "ATG";
    for (std::uint32_t codon = 0; codon < 250 + draw.Below(2); ++codon)
      gene += kCodonsUsed[draw.Below(13)];
    made.AddGene(gene + "TAA", draw.Below(2) == 0);
  }
  const std::vector<Gene> genes = std::exchange(made.genes, {});
  Add(made, 0);
  const std::vector<Ends> found = EndsOf(Find()), expected = EndsOf(genes);
  std::size_t right = 0;
  for (const Ends& ends : found) right += std::count(expected.begin(), expected.end(), ends);
  EXPECT_GT(right, 320u);
  EXPECT_LT(found.size(), 420u);
}

// Where stop codons are rare, chance makes long open reading frames; they are not to teach.
TEST_F(GeneFinderTest, FindsNoGenesInRandomBasesOfWhichTheModelSeesNone) {
  BaseDraw draw(17);
  Made made;
  for (int i = 0; i < 40000; ++i)
    made.bases += draw.Below(4) > 0 ? "GC"[draw.Below(2)] : "AT"[draw.Below(2)];
  Add(made, 0);
  EXPECT_TRUE(Find().empty());
}

// As genes that came from viruses: they use other codons than the rest, and the model says "other".
TEST_F(GeneFinderTest, FindsLongGenesOfAnotherCodonUsageOfWhichTheModelSeesNothing) {
  BaseDraw draw(15);
  Made made = MakeGenome(300, 3);
  const std::vector<Gene> seen = made.genes;
  made.genes.clear();
  for (int i = 0; i < 3; ++i) {
    std::string gene = "ATG";
    while (gene.size() < 1500) {  // codons with T, which the other genes do not use
      const std::string codon = "T" + draw.Bases(2);
      if (codon != "TAA" && codon != "TAG" && codon != "TGA") gene += codon;
    }
    made.Add("AGGAGGCATCTAA");
    made.AddGene(gene + "TAA", true);
    made.Add(draw.Bases(200));
  }
  const std::vector<Gene> foreign = std::exchange(made.genes, seen);
  Add(made, 0);
  const std::vector<Ends> found = EndsOf(Find());
  for (const Ends& ends : EndsOf(foreign))
    EXPECT_EQ(std::count(found.begin(), found.end(), ends), 1) << std::get<0>(ends);
  EXPECT_EQ(found.size(), seen.size() + foreign.size());
}

}  // namespace
}  // namespace lockstep
