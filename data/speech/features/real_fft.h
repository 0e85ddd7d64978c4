// Computes power spectra with kissfft, which is plain C and gives the same bits on every machine.
#pragma once

#include <memory>
#include <vector>

#include "base/types.h"

struct kiss_fftr_state;

namespace lockstep {

class RealFft {
 public:
  // For transforms of `size` samples, an even number.
  explicit RealFft(Index size);
  ~RealFft();
  RealFft(RealFft&&) noexcept;

  Index size() const { return size_; }
  // Sets `power` [size / 2 + 1] to |X(k)|^2, X(k) the sum of samples(n) exp(-2 pi i n k / size).
  void PowerSpectrum(const float* samples, float* power);

 private:
  struct Free {
    void operator()(kiss_fftr_state* plan) const;
  };

  Index size_;
  std::unique_ptr<kiss_fftr_state, Free> plan_;
  std::vector<float> spectrum_;  // [size / 2 + 1, 2], real and imaginary parts
};

}  // namespace lockstep
