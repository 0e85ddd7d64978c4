// The sums in ordinary numbers. In the forward direction, each step is divided by its sum:
//   a_0 = entry * e_0 / c_0,   a_t = (a_{t-1} A) * e_t / c_t,   1 = a_{T-1} . exit / c_T
// and in the backward direction by the same numbers,
//   b_{T-1} = exit / c_T,      w_t = e_t * b_t / c_t,           b_{t-1} = A w_t
// so that a_t * b_t are the marginals and a_{t-1}(i) A(i, j) w_t(j) those of pairs.
//
// Ordinary numbers lose what is below 2^-1000. A label that is lost at step t has a_t < 2^-1000 /
// c_t, and its marginal is a_t b_t. So if all c_t >= 2^-200 and all b_t <= 2^700, less than 2^-100
// is lost in each step. Chains for which this does not hold are computed with logarithms. Both
// conditions depend on the sequence alone.
#include "worker/losses/crf_chain.h"

#include <algorithm>
#include <cmath>

#include "base/function_clones.h"

namespace lockstep {
namespace {

constexpr double kLeastScale = 0x1p-200;
constexpr double kMostBackward = 0x1p700;

// y = x A for A [count, stride]; a block of columns is summed in registers.
inline void RowTimesTable(Index count, Index stride, const double* __restrict x,
                          const double* __restrict table, double* __restrict y) {
  for (Index j = 0; j < stride; j += kCrfLanes) {
    double sums[kCrfLanes] = {};
    for (Index i = 0; i < count; ++i) {
      const double factor = x[i];
      const double* const row = table + i * stride + j;
      for (Index k = 0; k < kCrfLanes; ++k) sums[k] += factor * row[k];
    }
    for (Index k = 0; k < kCrfLanes; ++k) y[j + k] = sums[k];
  }
}

inline double SumLanes(const double (&sums)[kCrfLanes]) {
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

// a = a * b; returns the sum.
inline double MultiplyAndSum(Index stride, const double* __restrict b, double* __restrict a) {
  double sums[kCrfLanes] = {};
  for (Index j = 0; j < stride; j += kCrfLanes) {
    for (Index k = 0; k < kCrfLanes; ++k) {
      a[j + k] *= b[j + k];
      sums[k] += a[j + k];
    }
  }
  return SumLanes(sums);
}

inline double LargestOf(Index stride, const double* a) {
  double most[kCrfLanes] = {};
  for (Index j = 0; j < stride; j += kCrfLanes) {
    for (Index k = 0; k < kCrfLanes; ++k) most[k] = a[j + k] > most[k] ? a[j + k] : most[k];
  }
  return *std::max_element(most, most + kCrfLanes);
}

// Sets forward to a_t and scales to c_t, and returns c_T; 0 if a sum is too small.
LOCKSTEP_CLONES
double Forward(Index steps, Index classes, Index stride, const double* after, const double* entry,
               const double* exit, const double* ratios, double* scales, double* forward) {
  for (Index t = 0; t < steps; ++t) {
    double* const a = forward + t * stride;
    if (t == 0) {
      for (Index j = 0; j < stride; ++j) a[j] = entry[j];
    } else {
      RowTimesTable(classes, stride, a - stride, after, a);
    }
    scales[t] = MultiplyAndSum(stride, ratios + t * stride, a);
    if (!(scales[t] >= kLeastScale)) return 0;
    const double inverse = 1 / scales[t];
    for (Index j = 0; j < stride; ++j) a[j] *= inverse;
  }
  const double* const last = forward + (steps - 1) * stride;
  double sums[kCrfLanes] = {};
  for (Index j = 0; j < stride; j += kCrfLanes) {
    for (Index k = 0; k < kCrfLanes; ++k) sums[k] += last[j + k] * exit[j + k];
  }
  const double scale = SumLanes(sums);
  return scale >= kLeastScale ? scale : 0;
}

// Sets marginals to a_t * b_t and following to w_t. Returns false if a number is too large.
LOCKSTEP_CLONES
bool Backward(Index steps, Index classes, Index stride, const double* before, const double* exit,
              double last_scale, const double* ratios, const double* scales, const double* forward,
              double* following, double* marginals) {
  for (Index t = steps - 1; t >= 0; --t) {
    double* const b = marginals + t * stride;
    double* const w = following + t * stride;
    if (t == steps - 1) {
      for (Index j = 0; j < stride; ++j) b[j] = exit[j] / last_scale;
    } else {
      RowTimesTable(classes, stride, w + stride, before, b);
    }
    if (!(LargestOf(stride, b) <= kMostBackward)) return false;
    const double inverse = 1 / scales[t];
    for (Index j = 0; j < stride; ++j) {
      w[j] = ratios[t * stride + j] * b[j] * inverse;
      b[j] *= forward[t * stride + j];
    }
  }
  return true;
}

// pairs(i, j) += sign * sum over t of a_{t-1}(i) w_t(j), a block of columns at a time.
LOCKSTEP_CLONES
void AddPairs(Index steps, Index classes, Index stride, double sign, const double* forward,
              const double* following, double* pairs) {
  constexpr Index kBlock = 64;  // steps; their rows stay in the first-level cache
  for (Index begin = 1; begin < steps; begin += kBlock) {
    const Index end = std::min(begin + kBlock, steps);
    for (Index i = 0; i < classes; ++i) {
      for (Index j = 0; j < stride; j += kCrfLanes) {
        double sums[kCrfLanes] = {};
        for (Index t = begin; t < end; ++t) {
          const double factor = forward[(t - 1) * stride + i];
          const double* const w = following + t * stride + j;
          for (Index k = 0; k < kCrfLanes; ++k) sums[k] += factor * w[k];
        }
        double* const to = pairs + i * stride + j;
        for (Index k = 0; k < kCrfLanes; ++k) to[k] += sign * sums[k];
      }
    }
  }
}

}  // namespace

CrfArrays::CrfArrays(Index steps, Index classes, Workspace* workspace)
    : forward(workspace->Take<double>(steps * CrfStride(classes))),
      following(workspace->Take<double>(steps * CrfStride(classes))),
      scales(workspace->Take<double>(steps)),
      marginals(workspace->Take<double>(steps * CrfStride(classes))) {}

Index CrfArrays::Bytes(Index steps, Index classes) {
  return 3 * Workspace::BytesFor<double>(steps * CrfStride(classes)) +
         Workspace::BytesFor<double>(steps);
}

double SumChain(const CrfWeights& weights, const CrfChain& chain, double sign,
                const CrfArrays& arrays, const CrfPairs* pairs) {
  const Index T = chain.steps, C = weights.classes(), stride = weights.stride();
  const double* const e = chain.emissions.ratios;
  const double last_scale = weights.is_narrow()
                                ? Forward(T, C, stride, weights.After(0).ratios, chain.entry.ratios,
                                          chain.exit.ratios, e, arrays.scales, arrays.forward)
                                : 0;
  if (last_scale == 0 ||
      !Backward(T, C, stride, weights.Before(0).ratios, chain.exit.ratios, last_scale, e,
                arrays.scales, arrays.forward, arrays.following, arrays.marginals)) {
    return SumChainInLogs(weights, chain, sign, arrays, pairs);
  }
  if (pairs != nullptr) {
    AddPairs(T, C, stride, sign, arrays.forward, arrays.following, pairs->ratios);
  }
  double sum = std::log(last_scale) + chain.entry.offset + chain.exit.offset +
               static_cast<double>(T - 1) * weights.After(0).offset;
  for (Index t = 0; t < T; ++t) sum += std::log(arrays.scales[t]) + chain.emissions.offsets[t];
  return sum;
}

}  // namespace lockstep
