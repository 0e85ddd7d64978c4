// Whether two peers computed the same: nothing is timed before that is known.
#pragma once

#include <string>

#include "bench/layer_problem.h"

namespace lockstep {

// Largest absolute difference of outputs, and of gradients as a share of the largest gradient.
struct Disagreement {
  double output = 0;
  double gradient = 0;
};
Disagreement Compare(const StepResult& a, const StepResult& b);

// Runs a step of every peer that the driver itself can run on `problem` and throws Error when they
// disagree by more than kAgreement; returns the larger of both differences.
double RequireAgreement(const LayerProblem& problem);

// Single precision over some hundred steps; gate orders or biases mixed up differ by 0.01 and more.
inline constexpr double kAgreement = 1e-4;

}  // namespace lockstep
