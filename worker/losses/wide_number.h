// Positive numbers of any size, for probabilities that no double holds: 20,000 steps of 1/30 are
// e^-68,000.
//
// m 2^e with 1 <= m <= 2 is kept as one double, e + (m - 1.5): a logarithm to base 2 made of
// straight pieces, packed with whole e to the nearest and m in the fraction. Unlike logarithms, two
// such numbers are added without exp or log: by additions, products and shifts alone, which no
// branch interrupts. So loops over them are vectorised and have the same bits on every machine.
// Unlike numbers scaled by one factor a row, none is lost, however small it is beside its
// neighbours. The relative error of packing is 2^-53 |e|, so 4e-12 at e^-20,000.
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

// Stands for zero: beside any other it adds nothing, and times anything it stays what it is. May be
// added to a packed number to make it zero.
inline constexpr double kWideZero = -1e300;
inline constexpr double kWideOne = -0.5;  // 1 * 2^0

// Below 2^51 this is the nearest whole number; there is no rounding instruction before SSE4.
inline double NearestWhole(double x) {
  constexpr double kMagic = 0x1.8p52;
  return (x + kMagic) - kMagic;
}

// 2^d for whole d up to 1023; anything below -1000 gives 2^-1000, which no sum with 1 can notice.
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

// a b / c as an ordinary number, zero where it is too small for one.
inline double WideRatio(WideParts a, WideParts b, WideParts c) {
  return a.mantissa * b.mantissa / c.mantissa * PowerOfTwo(a.exponent + b.exponent - c.exponent);
}

// Natural logarithm; this one asks libm.
double LogWide(WideParts a);

// exp(x_i) = mantissa_i 2^exponent_i, 0.7 < mantissa_i < 1.42, for x_i <= 0; x below -1e6 counts as
// -1e6. value_i is the same as an ordinary number. mantissa [count] holds x before. Relative error
// below 4e-16 + 2e-16 |x|, on every machine the same. A not-a-number comes through.
void WideExp(Index count, double* mantissa, double* exponent, double* value);

}  // namespace lockstep
