#include "bench/agreement.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "bench/lockstep_peer.h"
#include "bench/onednn_peer.h"

namespace lockstep {
namespace {

// If either number is NaN, the difference counts as infinite.
double LargestDifference(std::span<const float> a, std::span<const float> b) {
  LOCKSTEP_CHECK_EQ(a.size(), b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    largest = std::isnan(difference) ? HUGE_VAL : std::max(largest, difference);
  }
  return largest;
}

double LargestMagnitude(std::span<const float> a) {
  double largest = 0;
  for (const float value : a) largest = std::max(largest, std::abs(static_cast<double>(value)));
  return largest;
}

double RelativeDifference(std::span<const float> a, std::span<const float> b) {
  return LargestDifference(a, b) / LargestMagnitude(a);
}

}  // namespace

Disagreement Compare(const StepResult& a, const StepResult& b) {
  return {.output = LargestDifference(a.y, b.y),
          .gradient = std::max(RelativeDifference(a.d_x, b.d_x),
                               RelativeDifference(a.gradient, b.gradient))};
}

double RequireAgreement(const LayerProblem& problem) {
  LockstepPeer lockstep(problem);
  OnednnPeer onednn(problem);
  // Twice: a gradient that is added to the last step's instead of set shows in the second.
  for (int step = 0; step < 2; ++step) {
    lockstep.Step();
    onednn.Step();
  }
  const Disagreement found = Compare(lockstep.Result(), onednn.Result());
  if (!(found.output <= kAgreement && found.gradient <= kAgreement)) {
    throw Error(
        ExitCode::kInternal,
        fmt::format("{}: Lockstep and oneDNN disagree: outputs by {:.2g}, gradients by "
                    "{:.2g} of the largest; allowed is {:.2g}. Nothing is timed.",
                    LayerCaseText(problem.shape), found.output, found.gradient, kAgreement));
  }
  return std::max(found.output, found.gradient);
}

}  // namespace lockstep
