#include "worker/metrics/class_tally.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {
namespace {

double Ratio(Index part, Index whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

void ClassTally::Add(const ClassTally& other) {
  LOCKSTEP_CHECK_EQ(classes(), other.classes());
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

void ClassTally::Clear() { std::ranges::fill(counts_, 0); }

double ClassTally::Precision(Index of_class) const {
  return Ratio(right(of_class), founds(of_class));
}

double ClassTally::Recall(Index of_class) const { return Ratio(right(of_class), truths(of_class)); }

double ClassTally::F1(Index of_class) const {
  return Ratio(2 * right(of_class), truths(of_class) + founds(of_class));
}

double ClassTally::MacroF1() const {
  double sum = 0;
  Index occurring = 0;
  for (Index c = 0; c < classes(); ++c) {
    if (truths(c) == 0) continue;
    sum += F1(c);
    ++occurring;
  }
  return occurring == 0 ? 0 : sum / static_cast<double>(occurring);
}

}  // namespace lockstep
