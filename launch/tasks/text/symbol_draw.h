// Draws a symbol from the scores of a model.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/types.h"

namespace lockstep {

struct DrawOptions {
  std::uint64_t seed = 1;
  double temperature = 1;  // scores are divided by it; 0: always the likeliest symbol
  Index top_k = 0;         // only so many likeliest symbols are drawn from; 0: all
  // Only the likeliest symbols that together have this share of the probability (nucleus sampling,
  // Holtzman et al. 2020, arXiv:1904.09751), (0, 1].
  double top_p = 1;
};

class SymbolDraw {
 public:
  explicit SymbolDraw(const DrawOptions& options) : options_(options) {}

  // The symbol of a step of a sample, drawn by softmax of `scores` [V]. A function of the scores,
  // the options and (sample, step) alone: the exponentials are this program's own, and sums are
  // made in the order of the symbols, or of their ranks where only some are drawn from.
  std::int32_t Draw(std::span<const float> scores, Index sample, Index step);

 private:
  void Weigh(std::span<const float> scores);
  void KeepLikeliest();

  DrawOptions options_;
  std::vector<std::int32_t> symbols_;  // those that are drawn from
  std::vector<float> weights_;         // [V], by symbol
};

}  // namespace lockstep
