// The made-up signal of make_kaldi_features.py: two tones, one of them rising, noise of a linear
// congruential generator, and an offset.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "base/types.h"

namespace lockstep {

inline std::vector<float> KaldiSignal(double rate, Index samples) {
  constexpr double kTurn = 2 * std::numbers::pi;
  std::vector<float> signal;
  std::uint64_t state = 12345;
  for (Index n = 0; n < samples; ++n) {
    state = (1103515245 * state + 12345) % (std::uint64_t{1} << 31);
    const double t = static_cast<double>(n) / rate;
    signal.push_back(static_cast<float>(8000 * std::sin(kTurn * 440 * t) +
                                        3000 * std::sin(kTurn * (900 + 4000 * t) * t) +
                                        static_cast<double>(state) * 0x1p-31 * 400 - 100));
  }
  return signal;
}

}  // namespace lockstep
