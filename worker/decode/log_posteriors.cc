#include "worker/decode/log_posteriors.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/error.h"

namespace lockstep {
namespace {

double LogSum(std::span<const float> frame) {
  const double largest = *std::max_element(frame.begin(), frame.end());
  double sum = 0;
  for (const float logit : frame) sum += std::exp(static_cast<double>(logit) - largest);
  return largest + std::log(sum);
}

}  // namespace

LogPosteriors::LogPosteriors(std::span<const float> logits, Index classes)
    : logits_(logits), classes_(classes) {
  LOCKSTEP_CHECK(classes >= 2);
  LOCKSTEP_CHECK_EQ(static_cast<Index>(logits.size()) % classes, Index{0});
  const Index frames = static_cast<Index>(logits.size()) / classes;
  log_sums_.reserve(static_cast<std::size_t>(frames));
  for (Index t = 0; t < frames; ++t) {
    log_sums_.push_back(LogSum(Frame(t)));
    if (!std::isfinite(log_sums_.back())) {
      throw BadData(
          "decoding: the logits of frame {} are no distribution (NaN, +inf or all -inf among its "
          "{} "
          "classes); look for a diverged model or damaged features",
          t, classes);
    }
  }
}

Index LogPosteriors::Best(Index frame) const {
  const std::span<const float> values = Frame(frame);
  return std::max_element(values.begin(), values.end()) - values.begin();
}

double LogAdd(double a, double b) {
  if (a < b) std::swap(a, b);
  if (b == -std::numeric_limits<double>::infinity()) return a;
  return a + std::log1p(std::exp(b - a));
}

}  // namespace lockstep
