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

// Column by column of vectors, so that the running sum stays in a register. The partial sums of
// four neighbouring rows come first: shorter chains, smaller rounding error.
template <typename S>
void AddColumnSumsOf(Index rows, Index cols, const S* HWY_RESTRICT x, Index stride,
                     S* HWY_RESTRICT sums) {
  ForLanes<S>(cols, [&](auto d, Index j) {
    auto sum = hn::LoadU(d, sums + j);
    Index r = 0;
    for (; r + 4 <= rows; r += 4) {
      const S* p = x + r * stride + j;
      const auto first = hn::Add(hn::LoadU(d, p), hn::LoadU(d, p + stride));
      const auto second = hn::Add(hn::LoadU(d, p + 2 * stride), hn::LoadU(d, p + 3 * stride));
      sum = hn::Add(sum, hn::Add(first, second));
    }
    for (; r < rows; ++r) sum = hn::Add(sum, hn::LoadU(d, x + r * stride + j));
    hn::StoreU(sum, d, sums + j);
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

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lockstep {

HWY_EXPORT(AddInPlaceFloat);
HWY_EXPORT(AddInPlaceDouble);
HWY_EXPORT(AddColumnSumsFloat);
HWY_EXPORT(AddColumnSumsDouble);

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

template <typename S>
void FillRows(Index rows, Index cols, const S* bias, S* x, Index stride) {
  for (Index r = 0; r < rows; ++r) std::copy_n(bias, cols, x + r * stride);
}
template void FillRows(Index, Index, const float*, float*, Index);
template void FillRows(Index, Index, const double*, double*, Index);

}  // namespace lockstep
#endif  // HWY_ONCE
