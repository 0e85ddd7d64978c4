// All paths of one sequence through its labels: the forward and backward variables of connectionist
// temporal classification (Graves et al. 2006, section 4.1).
//
// With blanks around every label, the states are l' = (blank, l_1, blank, ... l_L, blank). In each
// step a path stays in its state, moves to the next one, or skips the blank between two different
// labels. Blanks and labels are stored in separate arrays, because then each kind is computed by
// one loop over contiguous states:
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
  // For `steps` = T steps. Takes its memory from `workspace`; the labels must outlive it.
  CtcLattice(Index steps, std::span<const std::int32_t> labels, Workspace* workspace);
  // The bytes that it takes from the workspace; more steps or labels never take fewer.
  static Index Bytes(Index steps, Index labels);

  Index steps() const { return steps_; }
  std::span<const std::int32_t> labels() const { return labels_; }

  // The emissions of step t, [1 + L] packed numbers: y_t(blank), y_t(l_1) ... y_t(l_L). The caller
  // must set them for all steps before Forward.
  double* Emissions(Index t) { return emissions_ + t * (L_ + 1); }

  // Returns p(l | x), equation (8). Keeps the forward variables, equations (6) and (7).
  WideParts Forward();

  // Computes one step of the backward variables, equations (9) to (11). Must be called after
  // Forward for t = T - 1, T - 2 ... 0, in this order; `total` is the result of Forward. Returns
  // the occupancy of the [L + 1] blanks, then of the [L] labels: the probability that a path
  // through the labels is in that state at step t (the summands of equation (14) divided by
  // p(l | x)), as ordinary numbers. Valid until the next call.
  const double* Occupancy(Index t, WideParts total);

 private:
  Index width() const { return 2 * L_ + 2; }

  Index steps_;
  Index L_;
  std::span<const std::int32_t> labels_;
  double* skips_;  // [L + 1]; [i] is 0 where a path may skip from l_i to l_{i+1}, else kWideZero
  double* emissions_;  // [T, L + 1]
  double* alpha_;      // [T + 1, width]: [L + 1] blanks, a zero, [L] labels
  double* beta_;       // [2, width]: [L + 1] blanks, [L] labels, a zero; as in (9), with y_t
  double* occupancy_;  // [2L + 1]
};

}  // namespace lockstep
