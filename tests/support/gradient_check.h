// Compares an analytic gradient with finite differences, in double.
//
//   const GradientCheck check = CheckGradient([&] { return Loss(x); }, x.span(), d_x.span());
//   EXPECT_LE(check.worst_error, kGradientTolerance) << check;
//
// The derivative is computed from central differences with three widths w, w/2 and w/4, whose
// errors in w^2 and w^4 are removed by extrapolation (Richardson 1911). With w = 2^-6, both the
// remaining error, O(w^6), and the rounding error of the loss divided by w/4 are about 1e-12 for
// losses and gradients of the order of 1. The loss must be smooth within w of x, so inputs of
// rectifiers must be farther than that from zero. Losses that bend sharply, such as those of
// normalised sums that are small, need a smaller w (kNarrowDifference), and leave larger rounding
// errors.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <ostream>
#include <span>
#include <vector>

#include "base/types.h"

namespace lockstep {

// The element with the largest error, |analytic - numeric| / max(|analytic|, |numeric|, floor).
struct GradientCheck {
  double worst_error = 0;  // infinite if an element is not finite
  Index worst_index = -1;
  double analytic = 0;
  double numeric = 0;
};

inline std::ostream& operator<<(std::ostream& out, const GradientCheck& check) {
  return out << "element " << check.worst_index << ": analytic " << check.analytic
             << ", finite difference " << check.numeric;
}

// The floor as a share of the largest element. Smaller elements are compared with the floor,
// because in a difference of losses they consist mostly of rounding errors.
inline constexpr double kGradientFloor = 1e-3;

// Widths w of the differences.
inline constexpr double kDifferenceWidth = 0x1p-6;
inline constexpr double kNarrowDifference = 0x1p-10;

inline double CentralDifference(const std::function<double()>& loss, double width, double* x) {
  const double kept = *x;
  *x = kept + width;
  const double above = loss();
  *x = kept - width;
  const double below = loss();
  *x = kept;
  return (above - below) / (2 * width);
}

inline double NumericDerivative(const std::function<double()>& loss, double* x,
                                double width = kDifferenceWidth) {
  const double wide = CentralDifference(loss, width, x);
  const double middle = CentralDifference(loss, width / 2, x);
  const double narrow = CentralDifference(loss, width / 4, x);
  const double first = middle + (middle - wide) / 3;
  const double second = narrow + (narrow - middle) / 3;
  return second + (second - first) / 15;
}

inline double RelativeError(double analytic, double numeric, double floor) {
  const double scale = std::max({std::abs(analytic), std::abs(numeric), floor});
  const double error = scale == 0 ? 0 : std::abs(analytic - numeric) / scale;
  return std::isfinite(error) ? error : std::numeric_limits<double>::infinity();
}

// Checks the gradient `analytic` of `loss`, which must compute from the current elements of x. The
// elements are changed during the call, and restored at the end.
inline GradientCheck CheckGradient(const std::function<double()>& loss, std::span<double> x,
                                   std::span<const double> analytic,
                                   double width = kDifferenceWidth) {
  std::vector<double> numeric;
  double largest = 0;
  for (double& element : x) {
    numeric.push_back(NumericDerivative(loss, &element, width));
    largest = std::max(largest, std::abs(numeric.back()));
  }
  GradientCheck worst;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double error = RelativeError(analytic[i], numeric[i], kGradientFloor * largest);
    if (worst.worst_index >= 0 && error <= worst.worst_error) continue;
    worst = {error, static_cast<Index>(i), analytic[i], numeric[i]};
  }
  return worst;
}

}  // namespace lockstep
