#include "worker/kernels/additive_score.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/kernels/additive_score.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "worker/kernels/layer_norm-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {
namespace {

template <class D, typename S>
HWY_INLINE hn::Vec<D> PairTanh(D d, const S* q, const S* k, Index j) {
  return GateTanh(d, hn::Add(hn::LoadU(d, q + j), hn::LoadU(d, k + j)));
}

template <typename S>
void ScoresOf(const AdditivePairs<S>& p, S* scores) {
  for (Index t = 0; t < p.queries; ++t) {
    const S* HWY_RESTRICT q = p.q + t * p.q_stride;
    for (Index s = 0; s < p.steps; ++s) {
      const S* HWY_RESTRICT k = p.k + s * p.width;
      scores[t * p.steps + s] = FixedSum<S>(p.width, [&](auto d, Index j) {
        return hn::Mul(hn::LoadU(d, p.v + j), PairTanh(d, q, k, j));
      });
    }
  }
}

template <typename S>
void BackwardOf(const AdditivePairs<S>& p, const S* d_scores, S* d_q, Index d_q_stride, S* d_k,
                S* HWY_RESTRICT d_v) {
  for (Index t = 0; t < p.queries; ++t) {
    const S* HWY_RESTRICT q = p.q + t * p.q_stride;
    S* HWY_RESTRICT d_query = d_q + t * d_q_stride;
    for (Index s = 0; s < p.steps; ++s) {
      const S* HWY_RESTRICT k = p.k + s * p.width;
      S* HWY_RESTRICT d_key = d_k + s * p.width;
      const S score = d_scores[t * p.steps + s];
      ForLanes<S>(p.width, [&](auto d, Index j) {
        const auto add = [&](auto value, S* to) {
          hn::StoreU(hn::Add(hn::LoadU(d, to + j), value), d, to + j);
        };
        const auto d_score = hn::Set(d, score);
        const auto tanh = PairTanh(d, q, k, j);
        add(hn::Mul(d_score, tanh), d_v);
        const auto d_sum = hn::Mul(hn::Mul(d_score, hn::LoadU(d, p.v + j)), TanhSlope(d, tanh));
        add(d_sum, d_query);
        add(d_sum, d_key);
      });
    }
  }
}

}  // namespace

void ScoresFloat(const AdditivePairs<float>& pairs, float* scores) { ScoresOf(pairs, scores); }
void ScoresDouble(const AdditivePairs<double>& pairs, double* scores) { ScoresOf(pairs, scores); }
void BackwardFloat(const AdditivePairs<float>& pairs, const float* d_scores, float* d_q,
                   Index d_q_stride, float* d_k, float* d_v) {
  BackwardOf(pairs, d_scores, d_q, d_q_stride, d_k, d_v);
}
void BackwardDouble(const AdditivePairs<double>& pairs, const double* d_scores, double* d_q,
                    Index d_q_stride, double* d_k, double* d_v) {
  BackwardOf(pairs, d_scores, d_q, d_q_stride, d_k, d_v);
}

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lockstep {

HWY_EXPORT(ScoresFloat);
HWY_EXPORT(ScoresDouble);
HWY_EXPORT(BackwardFloat);
HWY_EXPORT(BackwardDouble);

template <>
void AdditiveScores(const AdditivePairs<float>& pairs, float* scores) {
  HWY_DYNAMIC_DISPATCH(ScoresFloat)(pairs, scores);
}
template <>
void AdditiveScores(const AdditivePairs<double>& pairs, double* scores) {
  HWY_DYNAMIC_DISPATCH(ScoresDouble)(pairs, scores);
}
template <>
void AdditiveScoresBackward(const AdditivePairs<float>& pairs, const float* d_scores, float* d_q,
                            Index d_q_stride, float* d_k, float* d_v) {
  HWY_DYNAMIC_DISPATCH(BackwardFloat)(pairs, d_scores, d_q, d_q_stride, d_k, d_v);
}
template <>
void AdditiveScoresBackward(const AdditivePairs<double>& pairs, const double* d_scores, double* d_q,
                            Index d_q_stride, double* d_k, double* d_v) {
  HWY_DYNAMIC_DISPATCH(BackwardDouble)(pairs, d_scores, d_q, d_q_stride, d_k, d_v);
}

}  // namespace lockstep
#endif  // HWY_ONCE
