// Wide numbers against long double, whose exponent reaches to 2^16383.
#include "worker/losses/wide_number.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace lockstep {
namespace {

constexpr std::array<long double, 7> kNumbers = {
    1.0L, 1.5L, 0x1.fffffffffffffp-1L, 3e-300L, 7e-4000L, 2.5e4000L, 0.1L};

WideParts Wide(long double x) {
  int exponent = 0;
  const long double mantissa = std::frexp(x, &exponent);
  return {static_cast<double>(mantissa), static_cast<double>(exponent)};
}

double RelativeGap(WideParts a, long double b) {
  const long double value =
      std::ldexp(static_cast<long double>(a.mantissa), static_cast<int>(a.exponent));
  return static_cast<double>(std::abs(value - b) / b);
}

// 2^-53 |e| for the largest exponent, 13288.
constexpr double kPacking = 2e-12;

TEST(WideNumber, ComesBackFromItsPackedForm) {
  for (long double x : kNumbers) {
    const WideParts parts = SplitWide(PackWide(Wide(x)));
    EXPECT_LE(RelativeGap(parts, x), kPacking) << static_cast<double>(x);
    EXPECT_GE(parts.mantissa, 1);
    EXPECT_LE(parts.mantissa, 2);
  }
  EXPECT_EQ(PackWide({1, 0}), kWideOne);
}

TEST(WideNumber, AddsMultipliesAndDivides) {
  for (long double x : kNumbers) {
    for (long double y : kNumbers) {
      const WideParts a = Wide(x), b = Wide(y);
      EXPECT_LE(RelativeGap(AddWide(a, b), x + y), 4e-16);
      if (x * y > 0 && x * y < 1e4900L) {
        EXPECT_LE(RelativeGap(MultiplyWide(a, b), x * y), 4e-16);
      }
      if (x <= y) {
        EXPECT_NEAR(WideRatio(a, Wide(1), b), static_cast<double>(x / y), 4e-16);
      }
    }
  }
}

TEST(WideNumber, ZeroAddsNothingAndStaysZero) {
  const double x = PackWide(Wide(7e-4000L));
  EXPECT_EQ(PackWide(AddWide(SplitWide(x), SplitWide(kWideZero))), x);
  const WideParts none = SplitWide(kWideZero);
  EXPECT_EQ(PackWide(MultiplyWide(SplitWide(x), AddWide(none, none))), kWideZero);
  EXPECT_EQ(PackWide(AddWide(SplitWide(x), SplitWide(x + kWideZero))), x);
  EXPECT_EQ(WideRatio(none, SplitWide(x), SplitWide(x)), 0x1p-1000 * 1.5);
}

TEST(WideNumber, HasItsLogarithm) {
  for (long double x : kNumbers) {
    const double logarithm = static_cast<double>(std::log(x));
    EXPECT_NEAR(LogWide(Wide(x)), logarithm, 4e-16 * (1 + std::abs(logarithm)));
  }
}

TEST(WideExp, IsTheExponentialOfNumbersOfAnySize) {
  for (double x : {0.0, -0.3, -0.35, -1.0, -20.0, -700.0, -1234.5, -11000.0}) {
    double mantissa = x, exponent, value;
    WideExp(1, &mantissa, &exponent, &value);
    const long double exact = std::exp(static_cast<long double>(x));
    const double tolerance = 4e-16 - 2e-16 * x;
    EXPECT_LE(RelativeGap({mantissa, exponent}, exact), tolerance) << x;
    EXPECT_NEAR(value, static_cast<double>(exact), tolerance * static_cast<double>(exact) + 1e-300);
  }
}

TEST(WideExp, HoldsTheLeastAndLetsNotANumberThrough) {
  std::array<double, 2> mantissa{-1e30, std::numeric_limits<double>::quiet_NaN()}, exponent, value;
  WideExp(2, mantissa.data(), exponent.data(), value.data());
  EXPECT_NEAR(LogWide({mantissa[0], exponent[0]}), -1e6, 1e-9);
  EXPECT_TRUE(std::isnan(value[1]));
}

}  // namespace
}  // namespace lockstep
