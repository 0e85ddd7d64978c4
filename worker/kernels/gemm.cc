#include "worker/kernels/gemm.h"

#include <type_traits>

#include "worker/kernels/amx.h"
#include "worker/kernels/bfloat16_route.h"
#include "worker/kernels/gemm_amx.h"
#include "worker/kernels/gemm_pairs.h"
#include "worker/kernels/gemm_sizes.h"
#include "worker/kernels/subnormals.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/kernels/gemm.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "worker/kernels/gemm_rounded-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {
namespace {

template <typename S>
void PackOf(Op op, Index k, Index n, const S* b, Index ldb, S* packed) {
  if (op == Op::kAsIs) {
    PlainOps<S>::PackRight(k, n, b, ldb, packed);
  } else {
    PlainOps<S>::PackRightTransposed(k, n, b, ldb, packed);
  }
}

template <class Order>
void PackRoundedOf(Op op, Index k, Index n, const float* b, Index ldb, float* packed) {
  if (op == Op::kAsIs) {
    RoundedOps<Order>::PackRight(k, n, b, ldb, packed);
  } else {
    RoundedOps<Order>::PackRightTransposed(k, n, b, ldb, packed);
  }
}

template <typename S>
void MultiplyOf(Index m, Index n, Index k, const S* a, Index lda, const S* packed, bool adds, S* c,
                Index ldc) {
  MultiplyPanels<PlainOps<S>, Left::kRows>(m, n, k, {a, lda}, packed, adds, c, ldc);
}

}  // namespace

bool IsAvx512() { return HWY_TARGET == HWY_AVX3; }

void PackFloat(Op op, Index k, Index n, const float* b, Index ldb, float* packed) {
  PackOf(op, k, n, b, ldb, packed);
}
void PackDouble(Op op, Index k, Index n, const double* b, Index ldb, double* packed) {
  PackOf(op, k, n, b, ldb, packed);
}
void MultiplyFloat(Index m, Index n, Index k, const float* a, Index lda, const float* packed,
                   bool adds, float* c, Index ldc) {
  MultiplyOf(m, n, k, a, lda, packed, adds, c, ldc);
}
void MultiplyDouble(Index m, Index n, Index k, const double* a, Index lda, const double* packed,
                    bool adds, double* c, Index ldc) {
  MultiplyOf(m, n, k, a, lda, packed, adds, c, ldc);
}
void AddTransposedFloat(Index m, Index n, Index k, const float* a, Index lda, const float* b,
                        Index ldb, float* c, Index ldc, Workspace* workspace) {
  AddTransposedBlocks<PlainOps<float>>(m, n, k, a, lda, b, ldb, c, ldc, workspace);
}
void AddTransposedDouble(Index m, Index n, Index k, const double* a, Index lda, const double* b,
                         Index ldb, double* c, Index ldc, Workspace* workspace) {
  AddTransposedBlocks<PlainOps<double>>(m, n, k, a, lda, b, ldb, c, ldc, workspace);
}

// With operands rounded to bfloat16 and kept as floats, in the order of VDPBF16PS and of AMX.
void PackRounded(Op op, Index k, Index n, const float* b, Index ldb, float* packed) {
  PackRoundedOf<PairOrder>(op, k, n, b, ldb, packed);
}
void MultiplyRounded(Index m, Index n, Index k, const float* a, Index lda, const float* packed,
                     bool adds, float* c, Index ldc, Workspace* workspace) {
  const SubnormalsAreZero zero;
  MultiplyRoundedRows<PairOrder>(m, n, k, a, lda, packed, adds, c, ldc, workspace);
}
void AddTransposedRounded(Index m, Index n, Index k, const float* a, Index lda, const float* b,
                          Index ldb, float* c, Index ldc, Workspace* workspace) {
  const SubnormalsAreZero zero;
  AddTransposedBlocks<RoundedOps<PairOrder>>(m, n, k, a, lda, b, ldb, c, ldc, workspace);
}
void PackFolded(Op op, Index k, Index n, const float* b, Index ldb, float* packed) {
  PackRoundedOf<BlockOrder>(op, k, n, b, ldb, packed);
}
void MultiplyFolded(Index m, Index n, Index k, const float* a, Index lda, const float* packed,
                    bool adds, float* c, Index ldc, Workspace* workspace) {
  const SubnormalsAreZero zero;
  MultiplyRoundedRows<BlockOrder>(m, n, k, a, lda, packed, adds, c, ldc, workspace);
}
void AddTransposedFolded(Index m, Index n, Index k, const float* a, Index lda, const float* b,
                         Index ldb, float* c, Index ldc, Workspace* workspace) {
  const SubnormalsAreZero zero;
  AddTransposedBlocks<RoundedOps<BlockOrder>>(m, n, k, a, lda, b, ldb, c, ldc, workspace);
}

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lockstep {
namespace {

HWY_EXPORT(IsAvx512);
HWY_EXPORT(PackFloat);
HWY_EXPORT(PackDouble);
HWY_EXPORT(MultiplyFloat);
HWY_EXPORT(MultiplyDouble);
HWY_EXPORT(AddTransposedFloat);
HWY_EXPORT(AddTransposedDouble);
HWY_EXPORT(PackRounded);
HWY_EXPORT(MultiplyRounded);
HWY_EXPORT(AddTransposedRounded);
HWY_EXPORT(PackFolded);
HWY_EXPORT(MultiplyFolded);
HWY_EXPORT(AddTransposedFolded);

// The ways in which products of floats are computed. kPairs and kRounded give the same bits, and so
// do kAmx and kFolded.
enum class Way { kFloats, kPairs, kRounded, kAmx, kFolded };

Way WayOf(Precision precision) {
  if (precision == Precision::kFloat32) return Way::kFloats;
  const bool is_avx512 = HWY_DYNAMIC_DISPATCH(IsAvx512)();
  if (precision == Precision::kBfloat16) {
    return is_avx512 && PairsAreFaster() ? Way::kPairs : Way::kRounded;
  }
  return UsesAmx(is_avx512 ? Isa::kAvx512 : Isa::kAvx2) ? Way::kAmx : Way::kFolded;
}

// The number of elements of packed floats.
template <typename S>
Index PackedCount(Precision precision, Index k, Index n) {
  return PackedBytes<S>(precision, k, n) / static_cast<Index>(sizeof(S));
}

PackedMatrix<float> PackFloats(Precision precision, Op op, Index k, Index n, const float* b,
                               Index ldb, Workspace* workspace) {
  const Way way = WayOf(precision);
  if (way == Way::kPairs) return {precision, k, n, PackPairs(op, k, n, b, ldb, workspace)};
  if (way == Way::kAmx) return {precision, k, n, PackAmx(op, k, n, b, ldb, workspace)};
  float* const panels = workspace->Take<float>(PackedCount<float>(precision, k, n));
  if (way == Way::kFloats) HWY_DYNAMIC_DISPATCH(PackFloat)(op, k, n, b, ldb, panels);
  if (way == Way::kRounded) HWY_DYNAMIC_DISPATCH(PackRounded)(op, k, n, b, ldb, panels);
  if (way == Way::kFolded) HWY_DYNAMIC_DISPATCH(PackFolded)(op, k, n, b, ldb, panels);
  return {precision, k, n, panels};
}

void MultiplyFloats(Index m, const float* a, Index lda, const PackedMatrix<float>& b, bool adds,
                    float* c, Index ldc, Workspace* workspace, PanelOrder order) {
  const float* const panels = static_cast<const float*>(b.panels);
  const std::uint32_t* const units = static_cast<const std::uint32_t*>(b.panels);
  switch (WayOf(b.precision)) {
    case Way::kFloats:
      return HWY_DYNAMIC_DISPATCH(MultiplyFloat)(m, b.n, b.k, a, lda, panels, adds, c, ldc);
    case Way::kPairs:
      return MultiplyPairs(m, b.n, b.k, a, lda, units, adds, c, ldc, workspace);
    case Way::kRounded:
      return HWY_DYNAMIC_DISPATCH(MultiplyRounded)(m, b.n, b.k, a, lda, panels, adds, c, ldc,
                                                   workspace);
    case Way::kAmx:
      return MultiplyAmx(m, b.n, b.k, a, lda, units, adds, c, ldc, workspace, order);
    case Way::kFolded:
      return HWY_DYNAMIC_DISPATCH(MultiplyFolded)(m, b.n, b.k, a, lda, panels, adds, c, ldc,
                                                  workspace);
  }
}

void AddTransposedFloats(Precision precision, Index m, Index n, Index k, const float* a, Index lda,
                         const float* b, Index ldb, float* c, Index ldc, Workspace* workspace) {
  switch (WayOf(precision)) {
    case Way::kFloats:
      return HWY_DYNAMIC_DISPATCH(AddTransposedFloat)(m, n, k, a, lda, b, ldb, c, ldc, workspace);
    case Way::kPairs:
      return AddTransposedPairs(m, n, k, a, lda, b, ldb, c, ldc, workspace);
    case Way::kRounded:
      return HWY_DYNAMIC_DISPATCH(AddTransposedRounded)(m, n, k, a, lda, b, ldb, c, ldc, workspace);
    case Way::kAmx:
      return AddTransposedAmx(m, n, k, a, lda, b, ldb, c, ldc, workspace);
    case Way::kFolded:
      return HWY_DYNAMIC_DISPATCH(AddTransposedFolded)(m, n, k, a, lda, b, ldb, c, ldc, workspace);
  }
}

}  // namespace

bool KeepsRoundedFloats(Precision precision) { return WayOf(precision) == Way::kRounded; }

template <typename S>
PackedMatrix<S> Pack(Precision precision, Op op, Index k, Index n, const S* b, Index ldb,
                     Workspace* workspace) {
  if constexpr (std::is_same_v<S, float>) {
    return PackFloats(precision, op, k, n, b, ldb, workspace);
  } else {
    S* const panels = workspace->Take<S>(PackedCount<S>(Precision::kFloat32, k, n));
    HWY_DYNAMIC_DISPATCH(PackDouble)(op, k, n, b, ldb, panels);
    return {Precision::kFloat32, k, n, panels};
  }
}
template PackedMatrix<float> Pack(Precision, Op, Index, Index, const float*, Index, Workspace*);
template PackedMatrix<double> Pack(Precision, Op, Index, Index, const double*, Index, Workspace*);

template <typename S>
void Multiply(Index m, const S* a, Index lda, const PackedMatrix<S>& b, bool adds, S* c, Index ldc,
              Workspace* workspace, PanelOrder order) {
  if constexpr (std::is_same_v<S, float>) {
    MultiplyFloats(m, a, lda, b, adds, c, ldc, workspace, order);
  } else {
    HWY_DYNAMIC_DISPATCH(MultiplyDouble)
    (m, b.n, b.k, a, lda, static_cast<const S*>(b.panels), adds, c, ldc);
  }
}
template void Multiply(Index, const float*, Index, const PackedMatrix<float>&, bool, float*, Index,
                       Workspace*, PanelOrder);
template void Multiply(Index, const double*, Index, const PackedMatrix<double>&, bool, double*,
                       Index, Workspace*, PanelOrder);

template <typename S>
void AddTransposed(Precision precision, Index m, Index n, Index k, const S* a, Index lda,
                   const S* b, Index ldb, S* c, Index ldc, Workspace* workspace) {
  if constexpr (std::is_same_v<S, float>) {
    AddTransposedFloats(precision, m, n, k, a, lda, b, ldb, c, ldc, workspace);
  } else {
    HWY_DYNAMIC_DISPATCH(AddTransposedDouble)(m, n, k, a, lda, b, ldb, c, ldc, workspace);
  }
}
template void AddTransposed(Precision, Index, Index, Index, const float*, Index, const float*,
                            Index, float*, Index, Workspace*);
template void AddTransposed(Precision, Index, Index, Index, const double*, Index, const double*,
                            Index, double*, Index, Workspace*);

}  // namespace lockstep
#endif  // HWY_ONCE
