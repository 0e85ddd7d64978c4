#include "worker/losses/wide_number.h"

#include <array>
#include <cmath>
#include <numbers>

#include "base/function_clones.h"

namespace lockstep {
namespace {

constexpr double kLeastLogarithm = -1e6;

// 1 / n! for n = 0 .. 13: what follows is below 1e-17 where |x| <= ln(2) / 2.
constexpr std::array<double, 14> kInverseFactorials = [] {
  std::array<double, 14> inverse{1.0};
  double factorial = 1;
  for (std::size_t n = 1; n < inverse.size(); ++n) {
    factorial *= static_cast<double>(n);
    inverse[n] = 1 / factorial;
  }
  return inverse;
}();

inline double ShortExp(double x) {
  double sum = kInverseFactorials[13];
  for (std::size_t n = 13; n-- > 0;) sum = sum * x + kInverseFactorials[n];
  return sum;
}

}  // namespace

double LogWide(WideParts a) { return a.exponent * std::numbers::ln2 + std::log(a.mantissa); }

LOCKSTEP_CLONES
void WideExp(Index count, double* __restrict mantissa, double* __restrict exponent,
             double* __restrict value) {
  for (Index i = 0; i < count; ++i) {
    const double x = mantissa[i] < kLeastLogarithm ? kLeastLogarithm : mantissa[i];
    const double whole = NearestWhole(x * std::numbers::log2e);
    const double m = ShortExp(x - whole * std::numbers::ln2);
    mantissa[i] = m;
    exponent[i] = whole;
    value[i] = m * PowerOfTwo(whole);
  }
}

}  // namespace lockstep
