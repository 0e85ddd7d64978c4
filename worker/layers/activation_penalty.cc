#include "worker/layers/activation_penalty.h"

#include <array>

#include "base/function_clones.h"

namespace lockstep {
namespace {

// The sum of squares of (x[i] - y[i]), in eight sums over every eighth element, which are added in
// order. y is null: the squares of x[i]. Adds factor * (x[i] - y[i]) to d_x[i], and subtracts it
// from d_y[i].
template <typename S>
__attribute__((always_inline)) inline double SquaresOf(Index count, const S* x, const S* y,
                                                       S factor, S* d_x, S* d_y) {
  std::array<double, 8> sums{};
  for (Index i = 0; i < count; ++i) {
    const S value = y == nullptr ? x[i] : x[i] - y[i];
    d_x[i] += factor * value;
    if (d_y != nullptr) d_y[i] -= factor * value;
    sums[static_cast<std::size_t>(i % 8)] +=
        static_cast<double>(value) * static_cast<double>(value);
  }
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum;
}

LOCKSTEP_CLONES double Squares(Index count, const float* x, const float* y, float factor,
                               float* d_x, float* d_y) {
  return SquaresOf(count, x, y, factor, d_x, d_y);
}
LOCKSTEP_CLONES double Squares(Index count, const double* x, const double* y, double factor,
                               double* d_x, double* d_y) {
  return SquaresOf(count, x, y, factor, d_x, d_y);
}

}  // namespace

template <typename S>
double AddActivationL2(double weight, Index rows, Index width, const S* h, S* d_h) {
  const double scale = weight / static_cast<double>(width);
  const S factor = static_cast<S>(2 * scale);
  double sum = 0;
  for (Index row = 0; row < rows; ++row) {
    sum += Squares(width, h + row * width, static_cast<const S*>(nullptr), factor,
                   d_h + row * width, static_cast<S*>(nullptr));
  }
  return scale * sum;
}

template <typename S>
double AddDifferenceL2(double weight, const PackedLayout& layout, Index width, const S* h, S* d_h) {
  const double scale = weight / static_cast<double>(width);
  const S factor = static_cast<S>(2 * scale);
  double sum = 0;
  for (Index t = 1; t < layout.steps(); ++t) {
    for (Index b = 0; b < layout.active(t); ++b) {
      const Index now = layout.Row(t, b) * width, before = layout.Row(t - 1, b) * width;
      sum += Squares(width, h + now, h + before, factor, d_h + now, d_h + before);
    }
  }
  return scale * sum;
}

template double AddActivationL2(double, Index, Index, const float*, float*);
template double AddActivationL2(double, Index, Index, const double*, double*);
template double AddDifferenceL2(double, const PackedLayout&, Index, const float*, float*);
template double AddDifferenceL2(double, const PackedLayout&, Index, const double*, double*);

}  // namespace lockstep
