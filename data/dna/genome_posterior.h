// The best possible prediction on bases drawn from a GenomeModel: the probability of each class of
// each base given all bases of the sequence, computed by the forward-backward algorithm (Rabiner
// 1989, "A tutorial on hidden Markov models", section III), with scaling so that nothing
// underflows.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "data/dna/genome_model.h"

namespace lockstep {

using ClassProbabilities = std::array<double, 3>;  // in the order of CorpusInfo::classes

class GenomePosterior {
 public:
  // `model` must outlive it.
  explicit GenomePosterior(const GenomeModel& model) : model_(model) {}

  // Sets `classes` to the most likely class of each base, given all of `codes` (0 to 3), which may
  // begin at any position of a genome. Of equally likely classes, takes the lowest.
  void Decode(std::span<const std::uint8_t> codes, std::span<std::uint8_t> classes);
  // The probabilities themselves, for tests.
  std::vector<ClassProbabilities> Probabilities(std::span<const std::uint8_t> codes);

 private:
  template <typename Visit>
  void ForEachFromTheEnd(std::span<const std::uint8_t> codes, Visit visit);
  const StateVector& EmissionAt(std::span<const std::uint8_t> codes, std::size_t t) const;
  StateVector ForwardStep(std::span<const std::uint8_t> codes, std::size_t t,
                          const StateVector& before) const;

  const GenomeModel& model_;
  std::vector<StateVector> checkpoints_;  // forward variables at every kBlock-th base
  std::vector<StateVector> block_;        // forward variables of the block on the way back
};

}  // namespace lockstep
