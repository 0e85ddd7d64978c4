// The Ops (gemm_tile-inl.h) of float and double operands: a unit is one value.
#if defined(LOCKSTEP_GEMM_PLAIN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LOCKSTEP_GEMM_PLAIN_INL_H_
#undef LOCKSTEP_GEMM_PLAIN_INL_H_
#else
#define LOCKSTEP_GEMM_PLAIN_INL_H_
#endif

#include "worker/kernels/gemm_loops-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The size of the tile is chosen so that its sums, the vectors of b and one element of a fit into
// the registers: 32 of them with AVX-512, else 16.
template <typename S>
struct PlainOps {
  using Value = S;
  using Unit = S;
  using D = hn::ScalableTag<S>;
  using Vec = hn::Vec<D>;
  using Sum = hn::Vec<D>;
  using Tiles = PlainOps;
  static constexpr Index kGroupValues = 1, kGroupUnits = 1;
  static constexpr bool kInPlace = true, kFolds = false;
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

  static HWY_INLINE void Prefetch(const S* from, Index count) {
    for (Index i = 0; i < count; i += 64 / Index{sizeof(S)}) __builtin_prefetch(from + i);
  }

 private:
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

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#endif  // LOCKSTEP_GEMM_PLAIN_INL_H_
