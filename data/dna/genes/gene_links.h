// How genes follow each other: on which strands, and at which distance. Genes of one operon often
// overlap by 1 or 4 bases, or follow closely; long overlaps are rare.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "data/dna/genes/gene.h"

namespace lockstep {

class GeneLinks {
 public:
  static constexpr Index kMostOverlap = 150;  // bases; more is not allowed
  static constexpr Index kFarApart = 200;     // bases; all larger distances have the same score

  // Forbids nothing that is allowed, but makes overlaps of more than a few bases expensive.
  GeneLinks();
  // Learns from the neighbours in `genes`, which have ascending begins. Few genes change little.
  void Learn(std::span<const Gene> genes);

  // The log of the ratio of the probability that `next` follows `gene` like that to that of two
  // genes at random. Minus infinity if they overlap too much or one contains the other.
  double Score(const Gene& gene, const Gene& next) const;

 private:
  static constexpr std::size_t kBins = 13;
  static constexpr std::size_t kKinds = 3;  // same strand, ends together, starts together
  using Table = std::array<std::array<double, kBins>, kKinds>;

  static std::size_t BinOf(Index distance);
  static std::size_t KindOf(const Gene& gene, const Gene& next);

  Table usual_;  // shares among neighbours that are known of bacteria in general
  Table scores_;
};

// The chain of genes with the highest sum of scores and links (times `link_weight`). `candidates`
// have ascending ends. Dynamic programming; of equal chains, that which was found first.
std::vector<Gene> BestChain(std::span<const Gene> candidates, const GeneLinks& links,
                            double link_weight);

}  // namespace lockstep
