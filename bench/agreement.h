// Checks that two peers compute the same results. Nothing is timed before that is known.
#pragma once

#include <string>

#include "bench/layer_problem.h"

namespace lockstep {

// The largest absolute difference of outputs, and that of gradients divided by the largest
// gradient.
struct Disagreement {
  double output = 0;
  double gradient = 0;
};
Disagreement Compare(const StepResult& a, const StepResult& b);

// Runs a step of every peer that this process can run on `problem`. Throws Error if they differ by
// more than kAgreement; returns the larger of the two differences.
double RequireAgreement(const LayerProblem& problem);

// Results in single precision after some hundred steps agree to this. If gates or biases were mixed
// up, they would differ by 0.01 and more.
inline constexpr double kAgreement = 1e-4;

}  // namespace lockstep
