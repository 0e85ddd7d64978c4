#include "worker/kernels/gemm.h"

#include <array>
#include <type_traits>

#include "base/error.h"
#include "worker/kernels/bfloat16_route.h"
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

// With operands rounded to bfloat16 and kept as floats.
void PackRounded(Op op, Index k, Index n, const float* b, Index ldb, float* packed) {
  if (op == Op::kAsIs) {
    RoundedOps::PackRight(k, n, b, ldb, packed);
  } else {
    RoundedOps::PackRightTransposed(k, n, b, ldb, packed);
  }
}
void MultiplyRounded(Index m, Index n, Index k, const float* a, Index lda, const float* packed,
                     bool adds, float* c, Index ldc, Workspace* workspace) {
  const SubnormalsAreZero zero;
  MultiplyRoundedRows(m, n, k, a, lda, packed, adds, c, ldc, workspace);
}
void AddTransposedRounded(Index m, Index n, Index k, const float* a, Index lda, const float* b,
                          Index ldb, float* c, Index ldc, Workspace* workspace) {
  const SubnormalsAreZero zero;
  AddTransposedBlocks<RoundedOps>(m, n, k, a, lda, b, ldb, c, ldc, workspace);
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

// The number of values in the widest register of all instruction sets.
template <typename S>
constexpr Index kMostLanes = kAlignmentBytes / static_cast<Index>(sizeof(S));

constexpr std::array<const char*, 2> kPrecisionNames = {"float32", "bf16"};

bool UsesPairs() { return HWY_DYNAMIC_DISPATCH(IsAvx512)() && PairsAreFaster(); }

}  // namespace

std::string PrecisionName(Precision precision) {
  return kPrecisionNames[static_cast<std::size_t>(precision)];
}

Precision PrecisionFromName(const std::string& name) {
  if (name == kPrecisionNames[0]) return Precision::kFloat32;
  if (name == kPrecisionNames[1]) return Precision::kBfloat16;
  throw UsageError("numerics.precision is \"{}\"; allowed are float32 and bf16", name);
}

// An upper bound for bfloat16, too, which rounds k up to a pair.
template <typename S>
Index PackedBytes(Index k, Index n) {
  return Workspace::BytesFor<S>((k + 1) * RoundUp(n, kMostLanes<S>));
}
template Index PackedBytes<float>(Index, Index);
template Index PackedBytes<double>(Index, Index);

template <typename S>
Index MultiplyBytes(Precision precision, Index k) {
  if (precision == Precision::kFloat32) return 0;
  return Workspace::BytesFor<float>(kGemmRowBlock * RoundUp(k, 2));
}
template Index MultiplyBytes<float>(Precision, Index);
template Index MultiplyBytes<double>(Precision, Index);

template <typename S>
Index AddTransposedBytes(Index m, Index n) {
  return Workspace::BytesFor<S>(kGemmDepth * std::min(m, kGemmLeftBlock)) +
         Workspace::BytesFor<S>(kGemmDepth * std::min(RoundUp(n, kMostLanes<S>), kGemmRightBlock));
}
template Index AddTransposedBytes<float>(Index, Index);
template Index AddTransposedBytes<double>(Index, Index);

template <typename S>
PackedMatrix<S> Pack(Precision precision, Op op, Index k, Index n, const S* b, Index ldb,
                     Workspace* workspace) {
  if constexpr (std::is_same_v<S, float>) {
    if (precision == Precision::kBfloat16) {
      if (UsesPairs()) return {precision, k, n, PackPairs(op, k, n, b, ldb, workspace)};
      float* const rounded = workspace->Take<float>(RoundUp(k, 2) * RoundUp(n, kMostLanes<S>));
      HWY_DYNAMIC_DISPATCH(PackRounded)(op, k, n, b, ldb, rounded);
      return {precision, k, n, rounded};
    }
  }
  S* const panels = workspace->Take<S>(k * RoundUp(n, kMostLanes<S>));
  if constexpr (std::is_same_v<S, float>) {
    HWY_DYNAMIC_DISPATCH(PackFloat)(op, k, n, b, ldb, panels);
  } else {
    HWY_DYNAMIC_DISPATCH(PackDouble)(op, k, n, b, ldb, panels);
  }
  return {Precision::kFloat32, k, n, panels};
}
template PackedMatrix<float> Pack(Precision, Op, Index, Index, const float*, Index, Workspace*);
template PackedMatrix<double> Pack(Precision, Op, Index, Index, const double*, Index, Workspace*);

template <typename S>
void Multiply(Index m, const S* a, Index lda, const PackedMatrix<S>& b, bool adds, S* c, Index ldc,
              Workspace* workspace) {
  const S* const panels = static_cast<const S*>(b.panels);
  if constexpr (std::is_same_v<S, float>) {
    if (b.precision == Precision::kBfloat16) {
      if (UsesPairs()) {
        return MultiplyPairs(m, b.n, b.k, a, lda, static_cast<const std::uint32_t*>(b.panels), adds,
                             c, ldc, workspace);
      }
      return HWY_DYNAMIC_DISPATCH(MultiplyRounded)(m, b.n, b.k, a, lda, panels, adds, c, ldc,
                                                   workspace);
    }
    HWY_DYNAMIC_DISPATCH(MultiplyFloat)(m, b.n, b.k, a, lda, panels, adds, c, ldc);
  } else {
    HWY_DYNAMIC_DISPATCH(MultiplyDouble)(m, b.n, b.k, a, lda, panels, adds, c, ldc);
  }
}
template void Multiply(Index, const float*, Index, const PackedMatrix<float>&, bool, float*, Index,
                       Workspace*);
template void Multiply(Index, const double*, Index, const PackedMatrix<double>&, bool, double*,
                       Index, Workspace*);

template <typename S>
void AddTransposed(Precision precision, Index m, Index n, Index k, const S* a, Index lda,
                   const S* b, Index ldb, S* c, Index ldc, Workspace* workspace) {
  if constexpr (std::is_same_v<S, float>) {
    if (precision == Precision::kBfloat16) {
      if (UsesPairs()) {
        return AddTransposedPairs(m, n, k, a, lda, b, ldb, c, ldc, workspace);
      }
      return HWY_DYNAMIC_DISPATCH(AddTransposedRounded)(m, n, k, a, lda, b, ldb, c, ldc, workspace);
    }
    HWY_DYNAMIC_DISPATCH(AddTransposedFloat)(m, n, k, a, lda, b, ldb, c, ldc, workspace);
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
