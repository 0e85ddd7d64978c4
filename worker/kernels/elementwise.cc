#include "worker/kernels/elementwise.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/kernels/elementwise.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "worker/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {
namespace {

template <typename S>
void AddInPlaceOf(Index count, const S* HWY_RESTRICT b, S* HWY_RESTRICT a) {
  ForLanes<S>(count, [&](auto d, Index i) {
    hn::StoreU(hn::Add(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, a + i);
  });
}

// Takes eight rows at a time: memory is read in order, and the sums stay in the first-level cache.
// Within the eight, neighbouring rows are added first, which keeps the rounding error small.
template <typename S>
void AddColumnSumsOf(Index rows, Index cols, const S* HWY_RESTRICT x, Index stride,
                     S* HWY_RESTRICT sums) {
  Index r = 0;
  for (; r + 8 <= rows; r += 8) {
    ForLanes<S>(cols, [&](auto d, Index j) {
      const S* const p = x + r * stride + j;
      const auto pair = [&](Index row) {
        return hn::Add(hn::LoadU(d, p + row * stride), hn::LoadU(d, p + (row + 1) * stride));
      };
      const auto eight = hn::Add(hn::Add(pair(0), pair(2)), hn::Add(pair(4), pair(6)));
      hn::StoreU(hn::Add(hn::LoadU(d, sums + j), eight), d, sums + j);
    });
  }
  for (; r < rows; ++r) AddInPlaceOf(cols, x + r * stride, sums);
}

template <typename S>
void ApplyTanhOf(Index count, S* HWY_RESTRICT x) {
  ForLanes<S>(count,
              [&](auto d, Index i) { hn::StoreU(GateTanh(d, hn::LoadU(d, x + i)), d, x + i); });
}

template <typename S>
void TanhBackwardOf(Index count, const S* HWY_RESTRICT y, S* HWY_RESTRICT d_y) {
  ForLanes<S>(count, [&](auto d, Index i) {
    hn::StoreU(hn::Mul(hn::LoadU(d, d_y + i), TanhSlope(d, hn::LoadU(d, y + i))), d, d_y + i);
  });
}

}  // namespace

void AddInPlaceFloat(Index count, const float* b, float* a) { AddInPlaceOf(count, b, a); }
void AddInPlaceDouble(Index count, const double* b, double* a) { AddInPlaceOf(count, b, a); }
void AddColumnSumsFloat(Index rows, Index cols, const float* x, Index stride, float* sums) {
  AddColumnSumsOf(rows, cols, x, stride, sums);
}
void AddColumnSumsDouble(Index rows, Index cols, const double* x, Index stride, double* sums) {
  AddColumnSumsOf(rows, cols, x, stride, sums);
}
void ApplyTanhFloat(Index count, float* x) { ApplyTanhOf(count, x); }
void ApplyTanhDouble(Index count, double* x) { ApplyTanhOf(count, x); }
void TanhBackwardFloat(Index count, const float* y, float* d) { TanhBackwardOf(count, y, d); }
void TanhBackwardDouble(Index count, const double* y, double* d) { TanhBackwardOf(count, y, d); }

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lockstep {

HWY_EXPORT(AddInPlaceFloat);
HWY_EXPORT(AddInPlaceDouble);
HWY_EXPORT(AddColumnSumsFloat);
HWY_EXPORT(AddColumnSumsDouble);
HWY_EXPORT(ApplyTanhFloat);
HWY_EXPORT(ApplyTanhDouble);
HWY_EXPORT(TanhBackwardFloat);
HWY_EXPORT(TanhBackwardDouble);

template <>
void AddInPlace(Index count, const float* b, float* a) {
  HWY_DYNAMIC_DISPATCH(AddInPlaceFloat)(count, b, a);
}
template <>
void AddInPlace(Index count, const double* b, double* a) {
  HWY_DYNAMIC_DISPATCH(AddInPlaceDouble)(count, b, a);
}
template <>
void AddColumnSums(Index rows, Index cols, const float* x, Index stride, float* sums) {
  HWY_DYNAMIC_DISPATCH(AddColumnSumsFloat)(rows, cols, x, stride, sums);
}
template <>
void AddColumnSums(Index rows, Index cols, const double* x, Index stride, double* sums) {
  HWY_DYNAMIC_DISPATCH(AddColumnSumsDouble)(rows, cols, x, stride, sums);
}

template <>
void ApplyTanh(Index count, float* x) {
  HWY_DYNAMIC_DISPATCH(ApplyTanhFloat)(count, x);
}
template <>
void ApplyTanh(Index count, double* x) {
  HWY_DYNAMIC_DISPATCH(ApplyTanhDouble)(count, x);
}
template <>
void TanhBackward(Index count, const float* y, float* d) {
  HWY_DYNAMIC_DISPATCH(TanhBackwardFloat)(count, y, d);
}
template <>
void TanhBackward(Index count, const double* y, double* d) {
  HWY_DYNAMIC_DISPATCH(TanhBackwardDouble)(count, y, d);
}

template <typename S>
void FillRows(Index rows, Index cols, const S* bias, S* x, Index stride) {
  for (Index r = 0; r < rows; ++r) std::copy_n(bias, cols, x + r * stride);
}
template void FillRows(Index, Index, const float*, float*, Index);
template void FillRows(Index, Index, const double*, double*, Index);

}  // namespace lockstep
#endif  // HWY_ONCE
