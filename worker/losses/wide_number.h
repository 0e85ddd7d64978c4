// Wide numbers: positive numbers of any size, for probabilities that are too small for a double.
// The product of 20,000 steps with probability 1/30 is e^-68,000.
//
// A number m 2^e with 1 <= m <= 2 is kept in one double, e + (m - 1.5): the nearest whole number is
// e, the rest is the mantissa. This is a piecewise linear approximation of log2, but an exact code
// of the number. In contrast to logarithms, two wide numbers are added without exp or log, by
// additions, products and shifts only and without branches; so loops over them are vectorised and
// have the same bits on every machine. In contrast to ordinary numbers that are scaled by one
// factor per row, no number is lost, however much smaller it is than its neighbours. The relative
// error of packing is 2^-53 |e|, which is 4e-12 for e^-20,000.
#pragma once

#include <bit>
#include <cstdint>

#include "base/types.h"

namespace lockstep {

// m 2^e as an intermediate result. m is any positive number; SplitWide gives 1 <= m <= 2.
struct WideParts {
  double mantissa;
  double exponent;  // whole
};

// The packed zero: adding it to a number changes nothing, and its product with any number is still
// zero. Adding it to the packed form of a number makes that zero.
inline constexpr double kWideZero = -1e300;
inline constexpr double kWideOne = -0.5;  // 1 * 2^0

// The nearest whole number, for |x| below 2^51. Done by addition, because processors before SSE4
// have no rounding instruction.
inline double NearestWhole(double x) {
  constexpr double kMagic = 0x1.8p52;
  return (x + kMagic) - kMagic;
}

// 2^d for whole d up to 1023. For d below -1000 it is 2^-1000, which is still far too small to
// change a sum with 1.
inline double PowerOfTwo(double d) {
  const double held = d > -1000 ? d : -1000;
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(held + (0x1p52 + 1023)) << 52);
}

inline WideParts SplitWide(double packed) {
  const double exponent = NearestWhole(packed);
  return {packed - exponent + 1.5, exponent};
}

inline double PackWide(WideParts a) {
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(a.mantissa);
  const std::uint64_t whole = std::bit_cast<std::uint64_t>(0x1p52) | (bits >> 52);
  const double shift = std::bit_cast<double>(whole) - (0x1p52 + 1023);
  const std::uint64_t fraction =
      std::bit_cast<std::uint64_t>(1.0) | (bits & ((std::uint64_t{1} << 52) - 1));
  return (a.exponent + shift) + (std::bit_cast<double>(fraction) - 1.5);
}

inline WideParts AddWide(WideParts a, WideParts b) {
  const double top = a.exponent > b.exponent ? a.exponent : b.exponent;
  return {a.mantissa * PowerOfTwo(a.exponent - top) + b.mantissa * PowerOfTwo(b.exponent - top),
          top};
}

inline WideParts MultiplyWide(WideParts a, WideParts b) {
  return {a.mantissa * b.mantissa, a.exponent + b.exponent};
}

// a b / c as an ordinary number; about 2^-1000 where the ratio is too small.
inline double WideRatio(WideParts a, WideParts b, WideParts c) {
  return a.mantissa * b.mantissa / c.mantissa * PowerOfTwo(a.exponent + b.exponent - c.exponent);
}

// The natural logarithm. Calls libm, unlike all other functions here.
double LogWide(WideParts a);

// Computes exp(x_i) = mantissa_i 2^exponent_i with 0.7 < mantissa_i < 1.42, for x_i <= 0.
// mantissa  [count]; holds x before the call
// exponent  [count]; set
// value     [count]; set to exp(x_i) as an ordinary number
// x below -1e6 counts as -1e6; a NaN stays NaN. The relative error is below 4e-16 + 2e-16 |x|; the
// bits are the same on every machine.
void WideExp(Index count, double* mantissa, double* exponent, double* value);

}  // namespace lockstep
