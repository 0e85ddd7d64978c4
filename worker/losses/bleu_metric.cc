#include "worker/losses/bleu_metric.h"

#include "base/error.h"

namespace lockstep {
namespace {

constexpr auto kOrders = static_cast<Index>(BleuCounts::kOrders);
constexpr double kPercent = 100;

double BleuOfTally(const StepSums& /*sums*/, const ClassTally& tally) {
  if (tally.classes() != kOrders) return 0;
  BleuCounts counts;
  for (Index n = 0; n < kOrders; ++n)
    counts.orders[static_cast<std::size_t>(n)] = {tally.founds(n), tally.truths(n), tally.right(n)};
  return counts.Score() / kPercent;
}

}  // namespace

TaskMetric BleuMetric() {
  return {.name = "bleu",
          .shown = "BLEU of ids",
          .greater_is_better = true,
          .is_share = true,
          .classes = kOrders,
          .of = BleuOfTally};
}

void AddToTally(const BleuCounts& counts, ClassTally* tally) {
  LOCKSTEP_CHECK_EQ(tally->classes(), kOrders);
  ClassTally sentences(kOrders);
  const std::span<Index> places = sentences.counts();  // [orders, 3]: true, found, right
  for (std::size_t n = 0; n < BleuCounts::kOrders; ++n) {
    places[3 * n] = counts.orders[n].wanted;
    places[3 * n + 1] = counts.orders[n].found;
    places[3 * n + 2] = counts.orders[n].matched;
  }
  tally->Add(sentences);
}

}  // namespace lockstep
