// All paths of one sequence through its labels: the forward and backward variables of connectionist
// temporal classification (Graves et al. 2006, section 4.1).
//
// With blanks around every label, l' = (blank, l_1, blank, ... l_L, blank). A path stays where it
// is, goes one state on, or skips the blank between two labels that differ. Here blanks and labels
// lie apart, because then each kind is computed by one loop over contiguous states:
//   blank i (0 .. L)      is l'_{2i + 1}, before label i
//   label i (0 .. L - 1)  is l'_{2i + 2}
// Numbers are packed wide numbers (wide_number.h), neither logarithms nor scaled.
#pragma once

#include <cstdint>
#include <span>

#include "base/workspace.h"
#include "worker/losses/wide_number.h"

namespace lockstep {

class CtcLattice {
 public:
  // Takes its memory from `workspace`, for `steps` = T; the labels must outlive it.
  CtcLattice(Index steps, std::span<const std::int32_t> labels, Workspace* workspace);
  // What that takes; does not fall in either.
  static Index Bytes(Index steps, Index labels);

  Index steps() const { return steps_; }
  std::span<const std::int32_t> labels() const { return labels_; }

  // [1 + L] of step t, packed: y_t(blank), y_t(l_1) ... y_t(l_L). To be set for all steps.
  double* Emissions(Index t) { return emissions_ + t * (L_ + 1); }

  // p(l | x), equation (8), from the forward variables of equations (6) and (7), which are kept.
  WideParts Forward();

  // One step of the backward variables, equations (9) to (11); t = T - 1, T - 2 ... 0. Gives
  // [L + 1] blanks, then [L] labels: the probability that a path of l is in that state at step t
  // (the summands of equation 14 over p(l | x)). Valid until the next call.
  const double* Occupancy(Index t, WideParts total);

 private:
  Index width() const { return 2 * L_ + 2; }

  Index steps_;
  Index L_;
  std::span<const std::int32_t> labels_;
  double* skips_;      // [L + 1] of l_i to l_{i+1}: 0 where allowed, else kWideZero
  double* emissions_;  // [T, L + 1]
  double* alpha_;      // [T + 1, width]: [L + 1] blanks, a zero, [L] labels
  double* beta_;       // [2, width]: [L + 1] blanks, [L] labels, a zero; as in (9), with y_t
  double* occupancy_;  // [2L + 1]
};

}  // namespace lockstep
