#include "worker/kernels/layer_norm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/kernels/layer_norm.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "worker/kernels/layer_norm-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {
namespace {

template <typename S>
void ForwardOf(const NormGroup<S>& group, bool adds, S* y, Index y_stride) {
  for (Index row = 0; row < group.rows; ++row) {
    S* const normed = group.normed + row * group.normed_stride;
    S* const to = y + row * y_stride;
    group.scales[row * group.scales_stride] = NormaliseRow(group.cols, normed);
    ForLanes<S>(group.cols, [&](auto d, Index i) {
      const auto value = hn::Mul(hn::LoadU(d, group.gain + i), hn::LoadU(d, normed + i));
      hn::StoreU(adds ? hn::Add(hn::LoadU(d, to + i), value) : value, d, to + i);
    });
  }
}

template <typename S>
void BackwardOf(const NormGroup<S>& group, const S* d_y, Index d_y_stride, S* d_gain, S* d_x,
                Index d_x_stride) {
  for (Index row = 0; row < group.rows; ++row) {
    const S* const normed = group.normed + row * group.normed_stride;
    const S* const from = d_y + row * d_y_stride;
    ForLanes<S>(group.cols, [&](auto d, Index i) {
      const auto part = hn::Mul(hn::LoadU(d, from + i), hn::LoadU(d, normed + i));
      hn::StoreU(hn::Add(hn::LoadU(d, d_gain + i), part), d, d_gain + i);
    });
    NormaliseRowBackward(group.cols, normed, group.scales[row * group.scales_stride], group.gain,
                         from, d_x + row * d_x_stride);
  }
}

}  // namespace

void ForwardFloat(const NormGroup<float>& group, bool adds, float* y, Index y_stride) {
  ForwardOf(group, adds, y, y_stride);
}
void ForwardDouble(const NormGroup<double>& group, bool adds, double* y, Index y_stride) {
  ForwardOf(group, adds, y, y_stride);
}
void BackwardFloat(const NormGroup<float>& group, const float* d_y, Index d_y_stride, float* d_gain,
                   float* d_x, Index d_x_stride) {
  BackwardOf(group, d_y, d_y_stride, d_gain, d_x, d_x_stride);
}
void BackwardDouble(const NormGroup<double>& group, const double* d_y, Index d_y_stride,
                    double* d_gain, double* d_x, Index d_x_stride) {
  BackwardOf(group, d_y, d_y_stride, d_gain, d_x, d_x_stride);
}

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lockstep {

HWY_EXPORT(ForwardFloat);
HWY_EXPORT(ForwardDouble);
HWY_EXPORT(BackwardFloat);
HWY_EXPORT(BackwardDouble);

template <>
void NormaliseForward(const NormGroup<float>& group, bool adds, float* y, Index y_stride) {
  HWY_DYNAMIC_DISPATCH(ForwardFloat)(group, adds, y, y_stride);
}
template <>
void NormaliseForward(const NormGroup<double>& group, bool adds, double* y, Index y_stride) {
  HWY_DYNAMIC_DISPATCH(ForwardDouble)(group, adds, y, y_stride);
}
template <>
void NormaliseBackward(const NormGroup<float>& group, const float* d_y, Index d_y_stride,
                       float* d_gain, float* d_x, Index d_x_stride) {
  HWY_DYNAMIC_DISPATCH(BackwardFloat)(group, d_y, d_y_stride, d_gain, d_x, d_x_stride);
}
template <>
void NormaliseBackward(const NormGroup<double>& group, const double* d_y, Index d_y_stride,
                       double* d_gain, double* d_x, Index d_x_stride) {
  HWY_DYNAMIC_DISPATCH(BackwardDouble)(group, d_y, d_y_stride, d_gain, d_x, d_x_stride);
}

}  // namespace lockstep
#endif  // HWY_ONCE
