#include "data/dna/genes/gene_links.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lockstep {
namespace {

// The lowest distance of each bin; distance = begin of the next gene - end of this one.
constexpr std::array<Index, 13> kBinBegins = {-150, -60, -20, -4, -3,  -1, 0,
                                              10,   20,  40,  70, 120, 200};
constexpr double kMeanDistance = 300;  // of genes at random, from the most overlap on

// The share of two genes at random that have this kind and distance: half are on the same strand,
// and distances are exponential.
double RandomShare(std::size_t kind, std::size_t bin) {
  const auto beyond = [](Index distance) {
    return std::exp(-static_cast<double>(distance + GeneLinks::kMostOverlap) / kMeanDistance);
  };
  const double later = bin + 1 < kBinBegins.size() ? beyond(kBinBegins[bin + 1]) : 0.0;
  return (kind == 0 ? 0.5 : 0.25) * (beyond(kBinBegins[bin]) - later);
}

}  // namespace

GeneLinks::GeneLinks() {
  // The logs of ratios to RandomShare by bin, as they are in bacteria of several groups, roughly.
  constexpr std::array<double, 13> kSame = {-5, -4, -1, 3, -1, 2, 0.5, 1, 0.5, 0, 0, 0, 0};
  constexpr std::array<double, 13> kEnds = {-5, -4, -2, -1, -1, -1, -0.5, 0, 0, 0.5, 0.5, 0.3, 0};
  constexpr std::array<double, 13> kStarts = {-6,   -5, -4,   -3, -3,  -3, -2.5,
                                              -2.5, -2, -1.5, 0,  0.5, 0.5};
  scores_ = {kSame, kEnds, kStarts};
  double sum = 0;
  for (std::size_t k = 0; k < kKinds; ++k) {
    for (std::size_t b = 0; b < kBins; ++b)
      sum += usual_[k][b] = RandomShare(k, b) * std::exp(scores_[k][b]);
  }
  for (std::size_t k = 0; k < kKinds; ++k) {
    for (std::size_t b = 0; b < kBins; ++b) {
      usual_[k][b] /= sum;
      scores_[k][b] -= std::log(sum);
    }
  }
}

std::size_t GeneLinks::BinOf(Index distance) {
  const auto* const after = std::upper_bound(kBinBegins.begin(), kBinBegins.end(), distance);
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, after - kBinBegins.begin() - 1));
}

std::size_t GeneLinks::KindOf(const Gene& gene, const Gene& next) {
  if (gene.plus_strand == next.plus_strand) return 0;
  return gene.plus_strand ? 1 : 2;
}

void GeneLinks::Learn(std::span<const Gene> genes) {
  constexpr double kPriorLinks = 150;
  Table counts{};
  double all = kPriorLinks;
  for (std::size_t i = 1; i < genes.size(); ++i) {
    const Index distance = genes[i].begin - genes[i - 1].end;
    if (distance < -kMostOverlap) continue;
    counts[KindOf(genes[i - 1], genes[i])][BinOf(distance)] += 1;
    all += 1;
  }
  for (std::size_t k = 0; k < kKinds; ++k) {
    for (std::size_t b = 0; b < kBins; ++b) {
      const double share = (counts[k][b] + kPriorLinks * usual_[k][b]) / all;
      scores_[k][b] = std::log(share / RandomShare(k, b));
    }
  }
}

namespace {

// What the bases that two genes share bring to both, which must count once only.
double SharedScore(const Gene& gene, const Gene& next, Index shared) {
  if (shared <= 0) return 0;
  const auto per_base = [](const Gene& g) { return g.base_score / static_cast<double>(g.bases()); };
  return std::max(0.0, std::min(per_base(gene), per_base(next))) * static_cast<double>(shared);
}

}  // namespace

double GeneLinks::Score(const Gene& gene, const Gene& next) const {
  const Index distance = next.begin - gene.end;
  if (distance < -kMostOverlap || next.begin <= gene.begin || next.end <= gene.end)
    return -std::numeric_limits<double>::infinity();
  if (gene.is_remnant || next.is_remnant) return 0;
  return scores_[KindOf(gene, next)][BinOf(distance)];
}

namespace {

constexpr std::ptrdiff_t kNone = -1;

// What the link from a gene that is far away depends on: its strand, and whether it is a remnant.
constexpr std::size_t kFarKinds = 4;
std::size_t FarKindOf(const Gene& gene) {
  return (gene.plus_strand ? 0u : 1u) + (gene.is_remnant ? 2u : 0u);
}

// The best chain that ends with a candidate: its score, and the candidate before.
struct ChainEnd {
  double score = 0;
  std::ptrdiff_t before = kNone;
  std::array<std::ptrdiff_t, kFarKinds> best_until = {kNone, kNone, kNone, kNone};  // up to here
};

class Chains {
 public:
  Chains(std::span<const Gene> candidates, const GeneLinks& links, double link_weight)
      : candidates_(candidates), links_(links), link_weight_(link_weight) {}

  std::vector<Gene> Best() {
    ends_.reserve(candidates_.size());
    for (std::size_t i = 0; i < candidates_.size(); ++i) Add(i);
    std::vector<Gene> chain;
    for (std::ptrdiff_t i = BestEnd(); i != kNone; i = ends_[static_cast<std::size_t>(i)].before)
      chain.push_back(candidates_[static_cast<std::size_t>(i)]);
    std::reverse(chain.begin(), chain.end());
    return chain;
  }

 private:
  void Add(std::size_t i) {
    const Gene& gene = candidates_[i];
    ends_.push_back({gene.score, kNone, i == 0 ? ChainEnd().best_until : ends_[i - 1].best_until});
    const auto near = static_cast<std::size_t>(
        std::upper_bound(candidates_.begin(), candidates_.begin() + static_cast<std::ptrdiff_t>(i),
                         gene.begin - GeneLinks::kFarApart,
                         [](Index limit, const Gene& other) { return limit < other.end; }) -
        candidates_.begin());
    // All candidates of a kind far before have the same link, so the best one is enough.
    if (near > 0) {
      for (const std::ptrdiff_t j : ends_[near - 1].best_until) Extend(j, i);
    }
    for (std::size_t j = near; j < i; ++j) Extend(static_cast<std::ptrdiff_t>(j), i);
    std::ptrdiff_t& best = ends_[i].best_until[FarKindOf(gene)];
    if (best == kNone || ends_[i].score > ends_[static_cast<std::size_t>(best)].score)
      best = static_cast<std::ptrdiff_t>(i);
  }

  void Extend(std::ptrdiff_t before, std::size_t i) {
    if (before == kNone) return;
    const auto j = static_cast<std::size_t>(before);
    const double score =
        ends_[j].score + candidates_[i].score +
        link_weight_ * links_.Score(candidates_[j], candidates_[i]) -
        SharedScore(candidates_[j], candidates_[i], candidates_[j].end - candidates_[i].begin);
    if (score <= ends_[i].score) return;
    ends_[i].score = score;
    ends_[i].before = before;
  }

  // The end of the best chain of all; kNone if no chain is better than no gene at all.
  std::ptrdiff_t BestEnd() const {
    std::ptrdiff_t best = kNone;
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      const double least = best == kNone ? 0 : ends_[static_cast<std::size_t>(best)].score;
      if (ends_[i].score > least) best = static_cast<std::ptrdiff_t>(i);
    }
    return best;
  }

  std::span<const Gene> candidates_;
  const GeneLinks& links_;
  double link_weight_;
  std::vector<ChainEnd> ends_;
};

}  // namespace

std::vector<Gene> BestChain(std::span<const Gene> candidates, const GeneLinks& links,
                            double link_weight) {
  return Chains(candidates, links, link_weight).Best();
}

}  // namespace lockstep
