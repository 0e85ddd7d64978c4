#include "data/speech/sound/vector_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include "data/speech/features/real_fft.h"
#include "tests/data/speech/features/kaldi_signal.h"

namespace lockstep {
namespace {

TEST(VectorMath, SumsOfWholeNumbersAreExactForEveryLength) {
  for (Index count = 1; count < 70; ++count) {
    std::vector<float> values(static_cast<std::size_t>(count));
    std::iota(values.begin(), values.end(), 1.0f);
    const double n = static_cast<double>(count);
    EXPECT_EQ(Mean(values.data(), count), static_cast<float>((n + 1) / 2));
    EXPECT_EQ(SumOfSquares(values.data(), count), n * (n + 1) * (2 * n + 1) / 6);
    float product = 0;
    MultiplyVector(values.data(), values.data(), 1, count, &product);
    EXPECT_EQ(product, static_cast<float>(n * (n + 1) * (2 * n + 1) / 6));
  }
}

TEST(RealFft, PowerIsThatOfTheDefinition) {
  for (Index size : {2, 16, 320, 276}) {
    const std::vector<float> samples = KaldiSignal(16000, size);
    std::vector<float> power(static_cast<std::size_t>(size / 2 + 1));
    RealFft(size).PowerSpectrum(samples.data(), power.data());
    for (Index k = 0; k <= size / 2; ++k) {
      std::complex<double> sum;
      for (Index n = 0; n < size; ++n) {
        const double angle = -2 * std::numbers::pi * static_cast<double>(n * k % size);
        sum += static_cast<double>(samples[static_cast<std::size_t>(n)]) *
               std::polar(1.0, angle / static_cast<double>(size));
      }
      // The tolerance is a share of the energy: float's rounding in some 10 stages.
      const double energy = SumOfSquares(samples.data(), size) * static_cast<double>(size);
      EXPECT_NEAR(power[static_cast<std::size_t>(k)], std::norm(sum), 1e-6 * energy) << size;
    }
  }
}

}  // namespace
}  // namespace lockstep
