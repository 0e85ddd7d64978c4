// Parameters that a key names by patterns, and those of them that training leaves as they are.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "worker/comm/piece_plan.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

// Which parameters of the layout, by index, one of the patterns names: names as in checkpoints with
// * and ? as in file names and commas between, "embedding.*, rnn.*_l0". UsageError that names `key`
// for an empty pattern and for one that no parameter has.
std::vector<bool> ChooseParameters(const std::string& key, const std::string& patterns,
                                   const ParameterLayout& layout);

// The parameters that train.freeze names; an empty text names none. UsageError as above, and if it
// names all, so that nothing is left to train.
std::vector<bool> FrozenParameters(const std::string& freeze, const ParameterLayout& layout);

// Takes the gradients of frozen parameters out of the global norm. They are computed and summed as
// all others are, but nobody uses them.
class FreeSquares {
 public:
  // For the blocks that `rank` owns.
  FreeSquares(const std::vector<bool>& frozen, const ParameterLayout& layout, const PiecePlan& plan,
              int rank);

  // `squares`, by block of the flat array, with the sums of squares of blocks that hold frozen
  // elements taken anew from `gradient`, frozen elements being zero: the same bits as if the
  // gradients of these parameters were zero, for any number of ranks. Valid until the next call.
  // Returns `squares` itself if nothing is frozen.
  std::span<const double> Of(const float* gradient, std::span<const double> squares);

 private:
  struct MixedBlock {
    ElementRange elements;
    std::vector<ElementRange> frozen;  // within it
  };
  std::vector<MixedBlock> blocks_;
  Index grain_;
  std::vector<double> squares_;
  std::vector<float> free_;  // [grain]
};

}  // namespace lockstep
