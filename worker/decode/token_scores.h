// The log probabilities of the next id of each open hypothesis, by one model or as the mean of
// several. With many ids they are most of the work of a search, so they are not stored, but
// computed in blocks of ids where the search looks at them, and the search can leave out a block by
// the largest one in it.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "base/types.h"

namespace lockstep {

class TokenScores {
 public:
  explicit TokenScores(Index classes) : classes_(classes) {}

  // Begins a step: forgets all models.
  void Clear() { models_.clear(); }
  // Adds what a model says, with its share of the mean: logits [rows, classes], which must stay
  // where they are until the next Clear.
  void Add(std::span<const float> logits, double share);

  static constexpr Index kBlock = 128;
  struct Block {
    alignas(64) std::array<double, kBlock> log_probabilities;
    Index count = 0;     // ids
    double largest = 0;  // of the log probabilities
  };
  // The ids from `first`, a multiple of kBlock, in `row`.
  void Take(Index row, Index first, Block* block) const;
  Index classes() const { return classes_; }

 private:
  struct ModelScores {
    std::span<const float> logits;
    double share = 1;
    std::vector<double> log_sums;  // [rows]: logarithm of the sum of exponentials
  };

  Index classes_;
  std::vector<ModelScores> models_;
};

}  // namespace lockstep
