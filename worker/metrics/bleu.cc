#include "worker/metrics/bleu.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lockstep {
namespace {

constexpr double kPercent = 100;

}  // namespace

std::array<double, BleuCounts::kOrders> BleuCounts::Precisions() const {
  std::array<double, kOrders> precisions{};
  const bool any = std::ranges::any_of(orders, [](const auto& order) { return order.matched > 0; });
  double smoothing = 1;
  for (std::size_t n = 0; any && n < kOrders && orders[n].found > 0; ++n) {
    const auto found = static_cast<double>(orders[n].found);
    if (orders[n].matched > 0) {
      precisions[n] = kPercent * static_cast<double>(orders[n].matched) / found;
    } else {
      smoothing *= 2;
      precisions[n] = kPercent / (smoothing * found);
    }
  }
  return precisions;
}

double BleuCounts::BrevityPenalty() const {
  if (found() >= wanted()) return 1;
  if (found() == 0) return 0;
  return std::exp(1 - static_cast<double>(wanted()) / static_cast<double>(found()));
}

double BleuCounts::Score() const {
  double logs = 0;
  for (const double precision : Precisions()) {
    if (precision == 0) return 0;
    logs += std::log(precision);
  }
  return BrevityPenalty() * std::exp(logs / static_cast<double>(kOrders));
}

void Bleu::Add(std::string_view hypothesis, std::string_view reference) {
  const auto found = BleuTokens(options_.tokenizer, options_.lower_case, hypothesis);
  const auto wanted = BleuTokens(options_.tokenizer, options_.lower_case, reference);
  counts_.Add(std::span<const std::string>(found), std::span<const std::string>(wanted));
}

std::string Bleu::Signature() const {
  return fmt::format("nrefs:1|case:{}|eff:no|tok:{}|smooth:exp",
                     options_.lower_case ? "lc" : "mixed", BleuTokenizerName(options_.tokenizer));
}

}  // namespace lockstep
