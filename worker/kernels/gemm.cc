#include "worker/kernels/gemm.h"

#include <array>
#include <type_traits>

#include "base/error.h"
#include "worker/kernels/gemm_bfloat16.h"
#include "worker/kernels/gemm_sizes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/kernels/gemm.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "worker/kernels/gemm_loops-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// The Ops (gemm_loops-inl.h) of float and double operands: a unit is one value. The size of the
// tile is chosen so that its sums, the vectors of b and one element of a fit into the registers: 32
// of them with AVX-512, else 16.
template <typename S>
struct PlainOps {
  using Value = S;
  using Unit = S;
  using D = hn::ScalableTag<S>;
  using Vec = hn::Vec<D>;
  using Sum = hn::Vec<D>;
  static constexpr Index kValuesPerUnit = 1;
  static constexpr Index kLanes = HWY_LANES(S);
#if HWY_TARGET == HWY_AVX3
  static constexpr int kTileRows = 8, kTileVectors = 3;
#else
  static constexpr int kTileRows = 6, kTileVectors = 2;
#endif

  static HWY_INLINE Sum Zero() { return hn::Zero(D()); }
  static HWY_INLINE Sum LoadSum(const S* p) { return hn::LoadU(D(), p); }
  static HWY_INLINE void StoreSum(Sum sum, S* p) { hn::StoreU(sum, D(), p); }
  static HWY_INLINE Vec Load(const S* p) { return hn::Load(D(), p); }
  static HWY_INLINE Vec Broadcast(const S* p) { return hn::Set(D(), *p); }
  static HWY_INLINE Sum MulAdd(Vec a, Vec b, Sum sum) { return hn::MulAdd(a, b, sum); }

  // Copies b [k, n] into panels; columns beyond n are zero. Prefetches later rows, because a panel
  // reads only a short piece of each row.
  static void PackRight(Index k, Index n, const S* b, Index ldb, S* packed) {
    constexpr Index kAhead = 8;
    const Panels<PlainOps> panels(n);
    for (Index p = 0; p < panels.count; ++p) {
      const Index first = panels.Start(p) * kLanes, width = panels.Width(p);
      const Index real = std::min(width, n - first);
      for (Index i = 0; i < k; ++i, packed += width) {
        const S* const from = b + i * ldb + first;
        Prefetch(from + kAhead * ldb, width);
        CopyPadded(from, real, width, packed);
      }
    }
  }

  // Copies the transpose of b [n, k] into panels: a column of a panel is a row of b. Goes by chunks
  // of k that are small enough for the chunk of the panel to stay in the first-level cache while it
  // is filled column by column.
  static void PackRightTransposed(Index k, Index n, const S* b, Index ldb, S* packed) {
    constexpr Index kChunk = 64, kAhead = 4;
    const Panels<PlainOps> panels(n);
    for (Index p = 0; p < panels.count; ++p) {
      const Index first = panels.Start(p) * kLanes, width = panels.Width(p);
      for (Index start = 0; start < k; start += kChunk) {
        const Index end = std::min(k, start + kChunk);
        for (Index j = 0; j < width; ++j) {
          const S* const row = b + (first + j) * ldb;
          Prefetch(row + kAhead * ldb + start, end - start);
          for (Index i = start; i < end; ++i) packed[i * width + j] = first + j < n ? row[i] : S(0);
        }
      }
      packed += k * width;
    }
  }

  // Copies a [k, m] into tiles [k, kTileRows]; the last tile has only the remaining columns of a.
  // Does eight tiles at a time, so that whole cache lines are read, and prefetches, because each k
  // may be in another page of memory.
  static void PackLeft(Index k, Index m, const S* a, Index lda, S* packed) {
    constexpr Index kTiles = 8, kAhead = 8;
    Index row = 0;
    for (; row + kTiles * kTileRows <= m; row += kTiles * kTileRows) {
      for (Index i = 0; i < k; ++i) {
        const S* const from = a + i * lda + row;
        Prefetch(from + kAhead * lda, kTiles * kTileRows);
#pragma GCC unroll 8
        for (Index tile = 0; tile < kTiles; ++tile) {
          std::memcpy(packed + row * k + (tile * k + i) * kTileRows, from + tile * kTileRows,
                      kTileRows * sizeof(S));
        }
      }
    }
    for (; row < m; row += kTileRows) {
      const Index rows = std::min<Index>(kTileRows, m - row);
      for (Index i = 0; i < k; ++i) {
        std::copy_n(a + i * lda + row, rows, packed + row * k + i * rows);
      }
    }
  }

 private:
  static HWY_INLINE void Prefetch(const S* from, Index count) {
    for (Index i = 0; i < count; i += 64 / Index{sizeof(S)}) __builtin_prefetch(from + i);
  }

  // Copies one row of a panel, by whole vectors if all its columns are real: a row is too short for
  // calls of library functions.
  static HWY_INLINE void CopyPadded(const S* from, Index real, Index width, S* to) {
    if (real == width) {
      for (Index j = 0; j < width; j += kLanes) StoreSum(LoadSum(from + j), to + j);
    } else {
      std::copy_n(from, real, to);
      std::fill(to + real, to + width, S(0));
    }
  }
};

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
  MultiplyPanels<PlainOps<S>, false>(m, n, k, {a, lda}, packed, adds, c, ldc);
}

}  // namespace

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

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lockstep {
namespace {

HWY_EXPORT(PackFloat);
HWY_EXPORT(PackDouble);
HWY_EXPORT(MultiplyFloat);
HWY_EXPORT(MultiplyDouble);
HWY_EXPORT(AddTransposedFloat);
HWY_EXPORT(AddTransposedDouble);

// The number of values in the widest register of all instruction sets.
template <typename S>
constexpr Index kMostLanes = kAlignmentBytes / static_cast<Index>(sizeof(S));

constexpr std::array<const char*, 2> kPrecisionNames = {"float32", "bf16"};

}  // namespace

std::string PrecisionName(Precision precision) {
  return kPrecisionNames[static_cast<std::size_t>(precision)];
}

Precision PrecisionFromName(const std::string& name) {
  if (name == kPrecisionNames[0]) return Precision::kFloat32;
  if (name == kPrecisionNames[1]) return Precision::kBfloat16;
  throw UsageError("numerics.precision is \"{}\"; allowed are float32 and bf16", name);
}

// An upper bound for bfloat16, too, which takes half, with k rounded up to a pair.
template <typename S>
Index PackedBytes(Index k, Index n) {
  return Workspace::BytesFor<S>((k + 1) * RoundUp(n, kMostLanes<S>));
}
template Index PackedBytes<float>(Index, Index);
template Index PackedBytes<double>(Index, Index);

template <typename S>
Index MultiplyBytes(Precision precision, Index k) {
  if (precision == Precision::kFloat32) return 0;
  return Workspace::BytesFor<std::uint32_t>(kGemmRowBlock * ((k + 1) / 2));
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
      return {precision, k, n, PackBfloat16(op, k, n, b, ldb, workspace)};
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
      return MultiplyBfloat16(m, b.n, b.k, a, lda, static_cast<const std::uint32_t*>(b.panels),
                              adds, c, ldc, workspace);
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
      return AddTransposedBfloat16(m, n, k, a, lda, b, ldb, c, ldc, workspace);
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
