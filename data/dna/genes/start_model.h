// How start codons of a genome look: which codons they are, and the ribosome binding site before
// them. Learned from genes without knowing where their binding sites are, by expectation
// maximisation with zero or one site per gene (ZOOPS; Bailey & Elkan 1994, MEME).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/types.h"
#include "data/dna/genes/genetic_code.h"

namespace lockstep {

// A start codon and the bases around it, in reading order.
inline constexpr int kUpstreamBases = 24;    // they may hold a binding site
inline constexpr int kDownstreamBases = 12;  // after the codon
struct StartSurroundings {
  std::array<std::uint8_t, kUpstreamBases> upstream{};  // 4 where there is no base
  std::array<std::uint8_t, kDownstreamBases> downstream{};
  int codon = -1;
};

class StartModel {
 public:
  // What is known of bacteria in general: ATG is the usual start, and sites look like AGGAGG, the
  // counterpart of the end of the 16S rRNA (Shine & Dalgarno 1974).
  explicit StartModel(const GeneticCode& code);

  // Learns from start codons of genes. `decoys` are other codons of the same open reading frames
  // with which the genes might have started. `genome` are the shares of A, C, G, T, of which both
  // strands together consist. Few genes change little.
  void Learn(std::span<const StartSurroundings> starts, std::span<const StartSurroundings> decoys,
             const std::array<double, 4>& genome);

  // The logs of the ratios of the probability at a start of a gene to that elsewhere.
  double CodonScore(const StartSurroundings& start) const {
    return start.codon < 0 ? 0 : codons_[static_cast<std::size_t>(start.codon)];
  }
  double SiteScore(const StartSurroundings& start) const;
  // The same of each base around the start, compared with decoys; 0 before anything was learned.
  double PlaceScore(const StartSurroundings& start) const;

 private:
  static constexpr int kSiteBases = 6;
  static constexpr int kPlaces = kUpstreamBases - kSiteBases + 1;
  using PlaceArray = std::array<double, kPlaces>;

  PlaceArray SiteRatios(const StartSurroundings& start) const;
  using AroundCounts = std::array<std::array<double, 4>, kUpstreamBases + kDownstreamBases>;
  static AroundCounts CountAround(std::span<const StartSurroundings> starts);
  void LearnCodons(std::span<const StartSurroundings> starts);
  void LearnSites(std::span<const StartSurroundings> starts);

  std::array<double, 4> genome_;
  std::array<double, kCodons> codon_prior_{};  // shares among starts of genes
  std::array<double, kCodons> codons_{};
  using SiteArray = std::array<std::array<double, 4>, kSiteBases>;
  SiteArray usual_site_;  // probabilities of the bases of a site
  SiteArray site_;
  PlaceArray usual_places_;  // probabilities of where the site begins
  PlaceArray places_;
  double share_with_site_;
  AroundCounts around_{};  // logs of ratios
};

}  // namespace lockstep
