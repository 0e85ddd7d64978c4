#include "launch/tasks/text/symbol_draw.h"

#include <algorithm>
#include <numeric>

#include "base/counter_rng.h"
#include "base/portable_math.h"

namespace lockstep {

std::int32_t SymbolDraw::Draw(std::span<const float> scores, Index sample, Index step) {
  if (options_.temperature == 0)
    return static_cast<std::int32_t>(std::ranges::max_element(scores) - scores.begin());
  Weigh(scores);
  KeepLikeliest();
  double total = 0;
  for (const std::int32_t s : symbols_) total += weights_[static_cast<std::size_t>(s)];
  const CounterRng rng(options_.seed, RandomPurpose::kGenerate, static_cast<std::uint64_t>(sample),
                       static_cast<std::uint64_t>(step));
  double left = rng.Uniform(0) * total;
  for (const std::int32_t s : symbols_) {
    left -= weights_[static_cast<std::size_t>(s)];
    if (left < 0) return s;
  }
  return symbols_.back();  // rounding
}

// exp(score / temperature), divided by that of the largest score.
void SymbolDraw::Weigh(std::span<const float> scores) {
  const float largest = *std::ranges::max_element(scores);
  weights_.resize(scores.size());
  for (std::size_t s = 0; s < scores.size(); ++s) {
    const double distance = static_cast<double>(scores[s]) - static_cast<double>(largest);
    weights_[s] = static_cast<float>(distance / options_.temperature);
  }
  Exponentials(weights_);
  symbols_.resize(scores.size());
  std::iota(symbols_.begin(), symbols_.end(), 0);
}

void SymbolDraw::KeepLikeliest() {
  const bool all = options_.top_k == 0 || options_.top_k >= std::ssize(symbols_);
  if (all && options_.top_p >= 1) return;
  std::ranges::stable_sort(symbols_, std::ranges::greater(), [this](std::int32_t s) {
    return weights_[static_cast<std::size_t>(s)];
  });
  if (options_.top_k > 0)
    symbols_.resize(std::min(symbols_.size(), static_cast<std::size_t>(options_.top_k)));
  double total = 0, kept = 0;
  for (const std::int32_t s : symbols_) total += weights_[static_cast<std::size_t>(s)];
  std::size_t count = 0;
  while (count < symbols_.size() && kept < options_.top_p * total)
    kept += weights_[static_cast<std::size_t>(symbols_[count++])];
  symbols_.resize(std::max<std::size_t>(1, count));
}

}  // namespace lockstep
