// A hidden Markov model of a genome: stretches without genes, genes on the forward strand, genes on
// the reverse strand. Bases between genes are uniform; genes are codons with a biased usage and no
// stop codon, on the reverse strand reverse complemented. Lengths of genes and of the stretches
// between them are geometric.
//
// Every probability is a multiple of 1/65536, so that the generator draws with exactly the
// probabilities that the posterior (genome_posterior.h) computes with. The next base depends on the
// state and, within a codon, on the earlier bases of the codon.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <vector>

#include "base/counter_rng.h"
#include "base/types.h"

namespace lockstep {

// The states: outside of genes; positions 1, 2, 3 of a forward codon; the same of a reverse codon.
inline constexpr int kGenomeStates = 7;
using StateVector = std::array<double, kGenomeStates>;

class GenomeModel {
 public:
  GenomeModel();

  // The class (kOtherClass ...) of a state.
  static std::uint8_t ClassOf(int state);

  // One step of the hidden Markov chain, without emission. Forward: the distribution of the state
  // one base later, if `state` is its distribution now. Backward: for each state now, the sum over
  // later states of transition probability times `later`.
  StateVector Forward(const StateVector& state) const;
  StateVector Backward(const StateVector& later) const;
  // The distribution of the state at a position about whose neighbours nothing is known.
  StateVector Stationary() const;

  // The probability of a base in each state, given the two bases before it. If a base before it is
  // not known, kUnknownBase is passed for it; the result then is the mean over all bases.
  static constexpr int kUnknownBase = 4;
  const StateVector& Emission(int before_last, int last, int base) const {
    return emission_[EmissionIndex(before_last, last, base)];
  }

  // 65536 codons (each 16 * first + 4 * second + third base), in which each codon occurs as often
  // as its probability says.
  const std::vector<std::uint8_t>& codon_table() const { return codon_table_; }
  std::uint32_t gene_begins_in_65536() const { return gene_begins_; }  // after each base outside
  std::uint32_t gene_ends_in_65536() const { return gene_ends_; }      // after each codon

  // A description of the model for the provenance of a corpus.
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

// The codon that is read on the other strand.
int ReverseComplementCodon(int codon);

// Draws a genome piece by piece. The bases do not depend on the sizes of the pieces.
class GenomeGenerator {
 public:
  GenomeGenerator(const GenomeModel& model, std::uint64_t seed);

  // Sets `codes` to the next bases (0 to 3 in kDnaLetters) and `labels` to their classes. Both must
  // have the same size.
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
  std::uint8_t gene_class_;  // class of the current gene, or kOtherClass outside of genes
  std::array<std::uint8_t, 3> codon_{};
  int codon_left_ = 0;      // bases of codon_ that have not been returned yet
  bool gene_ends_ = false;  // the gene ends after this codon
};

}  // namespace lockstep
