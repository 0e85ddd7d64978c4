#include "data/dna/genes/gene_links.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace lockstep {
namespace {

Gene MakeGene(Index begin, Index end, bool plus, double score = 0) {
  Gene gene{begin, end, plus};
  gene.score = score;
  gene.base_score = score;
  return gene;
}

// The bases that two neighbours share count once, with the lower of their scores per base.
double Shared(const Gene& a, const Gene& b) {
  const double per_base = std::min(a.base_score / static_cast<double>(a.bases()),
                                   b.base_score / static_cast<double>(b.bases()));
  return std::max(0.0, per_base) * static_cast<double>(std::max<Index>(0, a.end - b.begin));
}

// The best sum over all subsets that are chains, by trying them all.
double BestByBruteForce(const std::vector<Gene>& genes, const GeneLinks& links, double weight) {
  double best = 0;
  for (std::uint32_t set = 1; set < (1u << genes.size()); ++set) {
    double sum = 0;
    const Gene* before = nullptr;
    for (std::size_t i = 0; i < genes.size(); ++i) {
      if ((set >> i & 1) == 0) continue;
      if (before != nullptr)
        sum += weight * links.Score(*before, genes[i]) - Shared(*before, genes[i]);
      sum += genes[i].score;
      before = &genes[i];
    }
    best = std::max(best, sum);
  }
  return best;
}

double SumOf(const std::vector<Gene>& chain, const GeneLinks& links, double weight) {
  double sum = 0;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    sum += chain[i].score;
    if (i > 0) sum += weight * links.Score(chain[i - 1], chain[i]) - Shared(chain[i - 1], chain[i]);
  }
  return sum;
}

TEST(GeneLinks, TheBestChainIsThatOfBruteForce) {
  std::uint64_t state = 7;
  const auto draw = [&](std::uint32_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>(state >> 33) % below;
  };
  const GeneLinks links;
  for (int round = 0; round < 200; ++round) {
    std::vector<Gene> genes;
    for (int i = 0; i < 11; ++i) {
      const Index begin = draw(round % 2 == 0 ? 900 : 4000);
      genes.push_back(MakeGene(begin, begin + 60 + draw(400), draw(2) == 0,
                               static_cast<double>(draw(100)) / 5 - 4));
      genes.back().is_remnant = round % 3 == 0 && draw(3) == 0;
    }
    std::sort(genes.begin(), genes.end(), [](const Gene& a, const Gene& b) {
      return std::tuple(a.end, a.begin) < std::tuple(b.end, b.begin);
    });
    const std::vector<Gene> chain = BestChain(genes, links, 0.7);
    EXPECT_NEAR(SumOf(chain, links, 0.7), BestByBruteForce(genes, links, 0.7), 1e-9) << round;
  }
}

TEST(GeneLinks, NoGeneIsBetterThanBadOnes) {
  const std::vector<Gene> genes = {MakeGene(0, 90, true, -1)};
  EXPECT_TRUE(BestChain(genes, GeneLinks(), 1).empty());
  EXPECT_TRUE(BestChain({}, GeneLinks(), 1).empty());
}

TEST(GeneLinks, GenesInsideOfOthersAreForbidden) {
  const GeneLinks links;
  EXPECT_TRUE(std::isinf(links.Score(MakeGene(0, 900, true), MakeGene(300, 600, true))));
  EXPECT_TRUE(std::isinf(links.Score(MakeGene(0, 900, true), MakeGene(600, 1200, true))));
  EXPECT_FALSE(std::isinf(links.Score(MakeGene(0, 900, true), MakeGene(896, 1200, true))));
}

TEST(GeneLinks, LearnsWhichDistancesAreUsual) {
  GeneLinks links;
  std::vector<Gene> genes;
  for (Index i = 0; i < 2000; ++i) genes.push_back(MakeGene(i * 115, i * 115 + 100, true));
  const Gene first = MakeGene(0, 100, true);
  const double near_before = links.Score(first, MakeGene(115, 215, true));
  const double overlap_before = links.Score(first, MakeGene(96, 200, true));
  links.Learn(genes);
  EXPECT_GT(links.Score(first, MakeGene(115, 215, true)), near_before + 1);
  EXPECT_LT(links.Score(first, MakeGene(96, 200, true)), overlap_before - 1);
  EXPECT_LT(links.Score(first, MakeGene(115, 215, false)), -2);
}

}  // namespace
}  // namespace lockstep
