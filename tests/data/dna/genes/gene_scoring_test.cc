#include "data/dna/genes/gene_scoring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "tests/data/dna/genes/gene_evidence.h"

namespace lockstep {
namespace {

using Ends = std::tuple<Index, Index, bool, bool, bool>;  // begin, end, strand, open ends

Ends EndsOf(const Gene& gene) {
  return {gene.begin, gene.end, gene.plus_strand, gene.open_start, gene.open_stop};
}

class GeneScoringTest : public testing::Test {
 protected:
  GeneScoringTest() {
    options_.min_score = -1e9;
    options_.starts = 1000;
    options_.min_bases = 12;
    options_.min_open = 9;
  }

  std::vector<Gene> Candidates(const std::string& bases, bool open,
                               const std::vector<Gene>& genes = {}) {
    bytes_.clear();
    const auto count = static_cast<Index>(bases.size());
    AppendEvidence(BaseLabels::kFrame, CodesOfText(bases), FrameLogits(count, genes, 6), &bytes_);
    return GeneScoring(options_, code_, style_, EvidenceView(bytes_), open, open).Candidates();
  }

  // All genes of the + strand from start codon to stop codon, by looking at every pair.
  std::set<Ends> WholeGenes(const std::string& bases) {
    const std::vector<std::uint8_t> codes = CodesOfText(bases);
    const auto codon = [&](std::size_t i) { return CodonOf(codes[i], codes[i + 1], codes[i + 2]); };
    std::set<Ends> genes;
    for (std::size_t begin = 0; begin + 3 <= codes.size(); ++begin) {
      if (!code_.IsStart(codon(begin))) continue;
      std::size_t i = begin;
      while (i + 3 <= codes.size() && !code_.IsStop(codon(i))) i += 3;
      const auto length = static_cast<Index>(i + 3 - begin);
      if (i + 3 <= codes.size() && length >= options_.min_bases)
        genes.insert({static_cast<Index>(begin), static_cast<Index>(i + 3), true, false, false});
    }
    return genes;
  }

  GeneScoring::Options options_;
  GeneticCode code_ = GeneticCode::FromNumber(11);
  GenomeStyle style_{code_};
  std::vector<std::uint8_t> bytes_;
};

TEST_F(GeneScoringTest, CandidatesAreAllGenesFromStartToStopOnBothStrands) {
  BaseDraw draw(3);
  for (int round = 0; round < 20; ++round) {
    const std::string bases = draw.Bases(400 + round);
    const auto size = static_cast<Index>(bases.size());
    std::set<Ends> expected = WholeGenes(bases);
    for (const auto& [begin, end, plus, start, stop] : WholeGenes(ReverseComplement(bases)))
      expected.insert({size - end, size - begin, false, false, false});
    std::set<Ends> found;
    for (const Gene& gene : Candidates(bases, false)) found.insert(EndsOf(gene));
    EXPECT_EQ(found, expected) << bases;
  }
}

TEST_F(GeneScoringTest, ScoresAreThoseOfTheOtherStrandReadBackwards) {
  BaseDraw draw(5);
  const std::string bases = draw.Bases(60) + draw.Gene(50) + draw.Bases(100);
  const auto size = static_cast<Index>(bases.size());
  const Gene gene{60, 210, true};
  std::vector<Gene> forward = Candidates(bases, true, {gene});
  std::vector<Gene> backward =
      Candidates(ReverseComplement(bases), true, {{size - 210, size - 60, false}});
  for (Gene& g : backward) {
    std::tie(g.begin, g.end) = std::pair(size - g.end, size - g.begin);
    g.plus_strand = !g.plus_strand;
  }
  const auto by_ends = [](const Gene& a, const Gene& b) { return EndsOf(a) < EndsOf(b); };
  std::sort(forward.begin(), forward.end(), by_ends);
  std::sort(backward.begin(), backward.end(), by_ends);
  ASSERT_EQ(forward.size(), backward.size());
  for (std::size_t i = 0; i < forward.size(); ++i) {
    EXPECT_EQ(EndsOf(forward[i]), EndsOf(backward[i]));
    EXPECT_NEAR(forward[i].score, backward[i].score, 1e-9);
  }
}

TEST_F(GeneScoringTest, GenesMayBeCutOffWhereTheStretchIsOpen) {
  // No stop codon on the + strand in the frame of the first base; on the other strand, there is one
  // in each frame.
  const std::string bases = "GCCGCTTTAGCTGAGGCCTCAGCC";
  const auto is_open = [](const Gene& gene) { return gene.open_start && gene.open_stop; };
  const std::vector<Gene> open = Candidates(bases, true);
  EXPECT_TRUE(std::any_of(open.begin(), open.end(), [&](const Gene& gene) {
    return is_open(gene) && gene.plus_strand && gene.begin == 0 && gene.end == 24;
  }));
  const std::vector<Gene> closed = Candidates(bases, false);
  EXPECT_TRUE(std::none_of(closed.begin(), closed.end(),
                           [](const Gene& gene) { return gene.open_start || gene.open_stop; }));
}

TEST_F(GeneScoringTest, TheGeneThatTheModelSeesIsTheBestCandidate) {
  BaseDraw draw(9);
  const std::string bases = draw.Bases(200) + draw.Gene(60) + draw.Bases(200);
  const std::vector<Gene> found = Candidates(bases, false, {{200, 380, true}});
  const auto best = std::max_element(
      found.begin(), found.end(), [](const Gene& a, const Gene& b) { return a.score < b.score; });
  EXPECT_EQ(EndsOf(*best), Ends(200, 380, true, false, false));
  EXPECT_GT(best->score, 0);
}

TEST_F(GeneScoringTest, OtherCodesHaveOtherStops) {
  // ATG, six codons with one TGA, TAA.
  const std::string bases = "ATGGCCGCCTGAGCCGCCTAA";
  EXPECT_EQ(Candidates(bases, false).front().end, 12);
  code_ = GeneticCode::FromNumber(4);
  EXPECT_EQ(Candidates(bases, false).front().end, 21);
}

TEST_F(GeneScoringTest, AReadingFrameWhoseStartIsNoneIsARemnant) {
  style_.trust = 1;
  options_.weights.model_start = 8;
  BaseDraw draw(11);
  const std::string bases = draw.Bases(200) + draw.Gene(200) + draw.Bases(200);
  Gene gene{200, 800, true};
  const auto best = [&] {
    const std::vector<Gene> found = Candidates(bases, false, {gene});
    return *std::max_element(found.begin(), found.end(),
                             [](const Gene& a, const Gene& b) { return a.score < b.score; });
  };
  EXPECT_FALSE(best().is_remnant);
  gene.open_start = true;  // the model sees coding bases, but no start codon
  EXPECT_TRUE(best().is_remnant);
  EXPECT_EQ(best().end, 800);
  EXPECT_DOUBLE_EQ(best().score, best().base_score + options_.weights.remnant);
}

TEST_F(GeneScoringTest, NoReadingFrameIsARemnantOfLittle) {
  BaseDraw draw(11);
  for (const Gene& gene : Candidates(draw.Bases(2000), false)) EXPECT_FALSE(gene.is_remnant);
}

// log(exp(a) + exp(b)) of what is known and of the other explanation, by the sums of all bases.
TEST_F(GeneScoringTest, CodonUsageAndModelSpeakAgainstAGeneOnlyAsFarAsSuchGenesAreRare) {
  style_.trust = 1;
  WordCounts genome{}, gene_words{};
  genome.fill(1000);
  gene_words.fill(1);  // all words but one are rare in genes
  gene_words[0] = 1e6;
  style_.usage = CodonUsage({gene_words, gene_words, gene_words}, genome);
  style_.open_frames = CodonUsage::OfOpenFrames(code_, {0.25, 0.25, 0.25, 0.25});
  style_.foreign_genes = true;
  BaseDraw draw(13);
  const std::string bases = draw.Bases(30) + draw.Gene(200) + draw.Bases(30);
  const std::vector<Gene> found = Candidates(bases, false);
  const auto gene = std::find_if(found.begin(), found.end(), [](const Gene& g) {
    return g.begin == 30 && g.end == 630 && !g.is_remnant;
  });
  ASSERT_NE(gene, found.end());
  const StrandWords words = WordsOf(CodesOfText(bases));
  double usage = 0, foreign = 0, model = 0;
  for (Index base = 30; base < 630; ++base) {
    const auto position = static_cast<int>((base - 30) % 3);
    const int word = words.plus[static_cast<std::size_t>(base)];
    usage += static_cast<double>(style_.usage.Score(position, word));
    foreign += static_cast<double>(style_.open_frames.Score(position, word));
    model += static_cast<double>(EvidenceView(bytes_).Coding(true, position, base));
  }
  const GeneWeights& w = options_.weights;
  EXPECT_LT(w.usage * usage, w.foreign);
  EXPECT_LT(w.model * model, w.unseen);
  EXPECT_NEAR(gene->base_score,
              std::log(std::exp(w.model * model) + std::exp(w.unseen)) +
                  std::log(std::exp(w.usage * usage) + std::exp(w.foreign + w.usage * foreign)),
              1e-9);
}

// Before the start of a gene a frame is open by chance only, which each codon makes less likely.
TEST_F(GeneScoringTest, OfStartsThatAreElseEqualTheOneThatLeavesLessOfTheFrameUnusedIsBetter) {
  GeneWeights& w = options_.weights;
  w.model = w.usage = w.codon = w.site = w.place = w.model_start = w.length = 0;
  w.unseen = -1000;
  style_.open_frames = CodonUsage::OfOpenFrames(code_, {0.25, 0.25, 0.25, 0.25});
  std::string bases = "CTAG";
  for (int start = 0; start < 3; ++start) bases += "ATGTGGTACTGGTACTGGTACTGGTACTGG";
  bases += "TAACC";
  const StrandWords words = WordsOf(CodesOfText(bases));
  std::vector<Gene> found = Candidates(bases, false);
  std::erase_if(found, [](const Gene& gene) { return !gene.plus_strand || gene.end != 97; });
  std::sort(found.begin(), found.end(),
            [](const Gene& a, const Gene& b) { return a.begin < b.begin; });
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].begin, 4);
  EXPECT_NEAR(found[0].score, w.start_bias, 1e-9);
  for (std::size_t i = 1; i < 3; ++i) {
    double unused = 0;
    for (Index base = 4; base < found[i].begin; ++base) {
      const auto position = static_cast<int>((base - 4) % 3);
      unused += static_cast<double>(
          style_.open_frames.Score(position, words.plus[static_cast<std::size_t>(base)]));
    }
    EXPECT_GT(unused, 0.1);
    EXPECT_NEAR(found[i].score, w.start_bias - w.unused * std::log1p(unused), 1e-9);
  }
}

TEST_F(GeneScoringTest, TinyStretchesHaveNoGenes) {
  for (const std::string bases : {"", "A", "AT", "ATG", "ATGTAA"})
    EXPECT_TRUE(Candidates(bases, false).empty()) << bases;
}

}  // namespace
}  // namespace lockstep
