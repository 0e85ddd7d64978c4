#include "worker/metrics/chrf.h"

#include <fmt/format.h>

#include "worker/metrics/bleu_tokens.h"

namespace lockstep {

void Chrf::Add(std::string_view hypothesis, std::string_view reference) {
  const std::u32string found = CharactersOf(hypothesis, lower_case_);
  const std::u32string wanted = CharactersOf(reference, lower_case_);
  for (std::size_t n = 0; n < kOrders; ++n) {
    NgramOverlap overlap =
        CountNgrams(std::span<const char32_t>(found), std::span<const char32_t>(wanted),
                    static_cast<Index>(n) + 1);
    // sacreBLEU does not count what no n-gram of the reference could match.
    if (overlap.wanted == 0) overlap.found = 0;
    orders_[n] += overlap;
  }
}

double Chrf::Score() const {
  constexpr double kRecallWeight = 4;  // beta squared
  double precision = 0, recall = 0, used = 0;
  for (const NgramOverlap& order : orders_) {
    if (order.found == 0 || order.wanted == 0) continue;
    precision += static_cast<double>(order.matched) / static_cast<double>(order.found);
    recall += static_cast<double>(order.matched) / static_cast<double>(order.wanted);
    used += 1;
  }
  if (precision + recall == 0) return 0;
  precision /= used;
  recall /= used;
  return 100 * (1 + kRecallWeight) * precision * recall / (kRecallWeight * precision + recall);
}

std::string Chrf::Signature() const {
  return fmt::format("nrefs:1|case:{}|eff:yes|nc:6|nw:0|space:no", lower_case_ ? "lc" : "mixed");
}

}  // namespace lockstep
