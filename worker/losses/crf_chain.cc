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

// y = x A for A [count, stride].
inline void RowTimesTable(Index count, Index stride, const double* x, const double* table,
                          double* y) {
  for (Index j = 0; j < stride; j += kCrfLanes) {
    CrfLanes sum = {};
    for (Index i = 0; i < count; ++i) sum += x[i] * LanesAt(table + i * stride + j);
    LanesAt(y + j) = sum;
  }
}

inline double DotOf(Index stride, const double* a, const double* b) {
  CrfLanes sum = {};
  for (Index j = 0; j < stride; j += kCrfLanes) sum += LanesAt(a + j) * LanesAt(b + j);
  return SumLanes(sum);
}

inline double LargestOf(Index stride, const double* a) {
  CrfLanes most = {};
  for (Index j = 0; j < stride; j += kCrfLanes) {
    const CrfLanes& lanes = LanesAt(a + j);
    most = lanes > most ? lanes : most;
  }
  double largest = 0;
  for (Index k = 0; k < kCrfLanes; ++k) largest = std::max(largest, most[k]);
  return largest;
}

// Sets forward to a_t and scales to c_t, and returns c_T; 0 if a sum is too small.
LOCKSTEP_CLONES
double Forward(Index steps, Index classes, Index stride, const double* after, const double* entry,
               const double* exit, const double* ratios, double* scales, double* forward) {
  for (Index t = 0; t < steps; ++t) {
    double* const a = forward + t * stride;
    if (t == 0) {
      std::copy_n(entry, stride, a);
    } else {
      RowTimesTable(classes, stride, a - stride, after, a);
    }
    const double* const e = ratios + t * stride;
    scales[t] = DotOf(stride, a, e);
    if (!(scales[t] >= kLeastScale)) return 0;
    const double inverse = 1 / scales[t];
    for (Index j = 0; j < stride; j += kCrfLanes) LanesAt(a + j) *= LanesAt(e + j) * inverse;
  }
  const double scale = DotOf(stride, forward + (steps - 1) * stride, exit);
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
    for (Index j = 0; j < stride; j += kCrfLanes) {
      LanesAt(w + j) = LanesAt(ratios + t * stride + j) * LanesAt(b + j) * inverse;
      LanesAt(b + j) *= LanesAt(forward + t * stride + j);
    }
  }
  return true;
}

// pairs(i, j) += sign * sum over t of a_{t-1}(i) w_t(j). Four rows of eight columns are summed at
// once, over as many steps as stay in the first-level cache. Rows of padding are zero.
LOCKSTEP_CLONES
void AddPairs(Index steps, Index classes, Index stride, double sign, const double* forward,
              const double* following, double* pairs) {
  constexpr Index kBlock = 64, kRows = 4;
  for (Index begin = 1; begin < steps; begin += kBlock) {
    const Index end = std::min(begin + kBlock, steps);
    for (Index i = 0; i < classes; i += kRows) {
      for (Index j = 0; j < stride; j += kCrfLanes) {
        CrfLanes sum0 = {}, sum1 = {}, sum2 = {}, sum3 = {};
        for (Index t = begin; t < end; ++t) {
          const double* const a = forward + (t - 1) * stride + i;
          const CrfLanes w = LanesAt(following + t * stride + j);
          sum0 += a[0] * w;
          sum1 += a[1] * w;
          sum2 += a[2] * w;
          sum3 += a[3] * w;
        }
        double* const to = pairs + i * stride + j;
        LanesAt(to) += sign * sum0;
        LanesAt(to + stride) += sign * sum1;
        LanesAt(to + 2 * stride) += sign * sum2;
        LanesAt(to + 3 * stride) += sign * sum3;
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

// With the numbers at the top of this file, for labels y_s .. y_e:
//   a_s(y_s) * product over t of A(y_{t-1}, y_t) e_t(y_t) / c_t * b_e(y_e)
// where b_e is the sum over the next labels that end the run.
double ProbabilityOfRun(const CrfWeights& weights, const CrfChain& chain, const CrfArrays& arrays,
                        const CrfRun& run, FunctionRef<bool(std::int32_t)> ends) {
  if (arrays.scales[0] == 0) return ProbabilityOfRunInLogs(weights, chain, arrays, run, ends);
  const Index stride = weights.stride(), end = run.begin + std::ssize(run.labels);
  std::int32_t label = run.labels[0];
  double probability = arrays.forward[run.begin * stride + label];
  for (Index t = run.begin + 1; t < end; ++t) {
    const std::int32_t next = run.labels[static_cast<std::size_t>(t - run.begin)];
    probability *= weights.After(label).ratios[next] * chain.emissions.ratios[t * stride + next] /
                   arrays.scales[t];
    label = next;
  }
  if (end == chain.steps) {
    const double* const last = arrays.forward + (end - 1) * stride;
    return probability * chain.exit.ratios[label] / DotOf(stride, last, chain.exit.ratios);
  }
  double after = 0;
  for (std::int32_t next = 0; next < weights.classes(); ++next) {
    if (ends(next))
      after += weights.After(label).ratios[next] * arrays.following[end * stride + next];
  }
  return probability * after;
}

}  // namespace lockstep
