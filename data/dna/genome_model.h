// A hidden Markov model of a genome: stretches without genes, genes on the forward strand, genes on
// the reverse strand. Bases between genes are uniform; genes are codons with a biased usage and no
// stop codon, on the reverse strand reverse complemented. Lengths of genes and of the stretches
// between them are geometric.
//
// Every probability is a multiple of 1/65536, so that what is drawn and what is computed with are
// the same numbers. The next base depends on the state and, within a codon, on the bases of the
// codon before it.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <vector>

#include "base/counter_rng.h"
#include "base/types.h"

namespace lockstep {

inline constexpr int kGenomeStates = 7;  // other; positions 1, 2, 3 of a codon, forward, reverse
using StateVector = std::array<double, kGenomeStates>;

class GenomeModel {
 public:
  GenomeModel();

  // The class (kOtherClass ...) of each state.
  static std::uint8_t ClassOf(int state);

  // One step of the hidden chain, without emission: the probability of each state one base later
  // when it is `state` now; and the backward step, which sums over later states.
  StateVector Forward(const StateVector& state) const;
  StateVector Backward(const StateVector& later) const;
  // Distribution of the state at a place that is far from anything known.
  StateVector Stationary() const;

  // Probability of a base in each state, given the two bases before it. kUnknownBase stands for one
  // that is not seen, over which is summed.
  static constexpr int kUnknownBase = 4;
  const StateVector& Emission(int before_last, int last, int base) const {
    return emission_[EmissionIndex(before_last, last, base)];
  }

  // 65536 codons (16 first + 4 second + third base) in which each is as often as it is likely.
  const std::vector<std::uint8_t>& codon_table() const { return codon_table_; }
  std::uint32_t gene_begins_in_65536() const { return gene_begins_; }  // after each base outside
  std::uint32_t gene_ends_in_65536() const { return gene_ends_; }      // after each codon

  // For the provenance.
  nlohmann::json Describe() const;

 private:
  static constexpr std::size_t EmissionIndex(int before_last, int last, int base) {
    return (static_cast<std::size_t>(before_last) * 5 + static_cast<std::size_t>(last)) * 4 +
           static_cast<std::size_t>(base);
  }
  void FillEmission(int first_state, const std::array<double, 64>& codons);

  std::uint32_t gene_begins_;
  std::uint32_t gene_ends_;
  std::vector<std::uint8_t> codon_table_;
  std::vector<StateVector> emission_;
};

// Codon read on the other strand.
int ReverseComplementCodon(int codon);

// Draws a genome piece by piece: the same bases for any sizes of the pieces.
class GenomeGenerator {
 public:
  GenomeGenerator(const GenomeModel& model, std::uint64_t seed);

  // The next bases (0 .. 3 in kDnaLetters) and their classes; both set, of the same size.
  void Next(std::span<std::uint8_t> codes, std::span<std::uint8_t> labels);

 private:
  std::uint32_t Draw();
  void RefillDraws();
  void BeginCodon();

  const GenomeModel& model_;
  CounterRng rng_;
  std::uint64_t next_block_ = 0;
  std::vector<std::uint32_t> draws_;
  std::size_t next_draw_ = 0;
  std::uint8_t gene_class_;  // of the gene we are in, or kOtherClass
  std::array<std::uint8_t, 3> codon_{};
  int codon_left_ = 0;      // bases of codon_ still to give
  bool gene_ends_ = false;  // after this codon
};

}  // namespace lockstep
