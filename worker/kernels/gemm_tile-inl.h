// The innermost loop of the matrix products (gemm_loops-inl.h): it computes a tile of c, kTileRows
// rows by kTileVectors vectors, whose sums stay in registers while k goes from 0 up.
//
// Everything is a template over `Ops`, which defines the operands:
//   Value   element of c and of the sums
//   Unit    element of a packed operand: one Value, or a pair of bfloat16 of neighbouring k
//   kGroupValues, kGroupUnits  the neighbouring k that are packed together, and the Units that they
//           become; a sum over k may only be divided between groups
//   Vec     a register of Units;  Sum  a register with the same number of Values
//   kLanes  Units in a register;  kTileRows, kTileVectors  size of the tile
//   Tiles   the Ops that compute with what these Ops have packed
//   kInPlace  whether those can also compute with a left side that is not packed
//   kFolds  whether a sum is put together from chains of its groups (gemm_folded-inl.h)
// The file is included once for every instruction set, each time in another namespace.
#if defined(LOCKSTEP_GEMM_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LOCKSTEP_GEMM_TILE_INL_H_
#undef LOCKSTEP_GEMM_TILE_INL_H_
#else
#define LOCKSTEP_GEMM_TILE_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>

#include "base/types.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {

// How a left-hand matrix lies in memory: its rows one after the other, its columns one after the
// other, or packed in tiles [k, rows].
enum class Left { kRows, kColumns, kTiles };

// A left-hand matrix, with `stride` units between rows, or between columns.
template <class Ops, Left kLeft>
struct LeftRows {
  const typename Ops::Unit* data;
  Index stride;
  // The same matrix from row `row` on; a packed row has `k` units.
  LeftRows Below(Index row, Index k) const {
    const Index step = kLeft == Left::kRows ? stride : kLeft == Left::kColumns ? 1 : k;
    return {data + row * step, stride};
  }
};

// What a tile prefetches for later tiles: the elements of c of the next tile, and a share of the
// next panel, `step` units for each k of this tile. Without prefetching, panels would have to be
// waited for whenever a weight matrix is larger than the second-level cache.
template <class Ops>
struct Ahead {
  const typename Ops::Value* sums;
  const typename Ops::Unit* panel;
  Index step;
};

// Without this prefetch, the next tile would begin with a wait for the elements of c.
template <class Ops, int kRows, int kVectors>
HWY_INLINE void PrefetchSums(const typename Ops::Value* c, Index ldc) {
  constexpr Index kLast = kVectors * Ops::kLanes - 1, kLine = 64 / Index{sizeof(*c)};
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 3
    for (Index line = 0; line < kLast; line += kLine) __builtin_prefetch(c + r * ldc + line);
    __builtin_prefetch(c + r * ldc + kLast);
  }
}

// How many columns of a left-hand matrix are prefetched ahead of the one that is used.
inline constexpr Index kColumnsAhead = 8;

// Computes one tile of c: kRows x kVectors vectors of running sums, over all k in ascending order.
template <class Ops, int kRows, int kVectors, Left kLeft>
HWY_INLINE void Tile(Index k, LeftRows<Ops, kLeft> a, const typename Ops::Unit* HWY_RESTRICT panel,
                     bool adds, typename Ops::Value* c, Index ldc, const Ahead<Ops>& ahead) {
  if (adds) PrefetchSums<Ops, kRows, kVectors>(ahead.sums, ldc);
  typename Ops::Sum sums[kRows][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 3
    for (int v = 0; v < kVectors; ++v) {
      sums[r][v] = adds ? Ops::LoadSum(c + r * ldc + v * Ops::kLanes) : Ops::Zero();
    }
  }
  const typename Ops::Unit* HWY_RESTRICT left = a.data;
  const typename Ops::Unit* coming = ahead.panel;
  // Four steps of k per turn: the loop's own instructions would otherwise take a share of what a
  // core can issue, above all when its other hyperthread is busy.
#pragma GCC unroll 4
  for (Index i = 0; i < k; ++i) {
    if constexpr (kLeft == Left::kRows) {  // otherwise all panels are in the second-level cache
      __builtin_prefetch(coming, 0, 2);
      coming += ahead.step;
    }
    if constexpr (kLeft == Left::kColumns) __builtin_prefetch(left + kColumnsAhead * a.stride);
    typename Ops::Vec b[kVectors];
#pragma GCC unroll 3
    for (int v = 0; v < kVectors; ++v) b[v] = Ops::Load(panel + v * Ops::kLanes);
    panel += kVectors * Ops::kLanes;
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const typename Ops::Vec x =
          Ops::Broadcast(kLeft == Left::kRows ? left + r * a.stride : left + r);
#pragma GCC unroll 3
      for (int v = 0; v < kVectors; ++v) sums[r][v] = Ops::MulAdd(x, b[v], sums[r][v]);
    }
    left += kLeft == Left::kRows ? 1 : kLeft == Left::kColumns ? a.stride : kRows;
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 3
    for (int v = 0; v < kVectors; ++v) {
      Ops::StoreSum(sums[r][v], c + r * ldc + v * Ops::kLanes);
    }
  }
}

// The tile of Ops whose sums are folded; in gemm_folded-inl.h.
template <class Ops, int kRows, int kVectors, Left kLeft>
void FoldedTile(Index k, LeftRows<Ops, kLeft> a, const typename Ops::Unit* panel, bool adds,
                typename Ops::Value* c, Index ldc, const Ahead<Ops>& ahead);

template <class Ops, int kRows, int kVectors, Left kLeft>
HWY_INLINE void FullTile(Index k, LeftRows<Ops, kLeft> a, const typename Ops::Unit* panel,
                         bool adds, typename Ops::Value* c, Index ldc, const Ahead<Ops>& ahead) {
  if constexpr (Ops::kFolds) {
    FoldedTile<Ops, kRows, kVectors, kLeft>(k, a, panel, adds, c, ldc, ahead);
  } else {
    Tile<Ops, kRows, kVectors, kLeft>(k, a, panel, adds, c, ldc, ahead);
  }
}

// Computes a tile of which only the first `columns` columns belong to c. It works on a copy, so
// that nothing outside c is read or written.
template <class Ops, int kRows, int kVectors, Left kLeft>
void EdgeTile(Index k, LeftRows<Ops, kLeft> a, const typename Ops::Unit* panel, Index columns,
              bool adds, typename Ops::Value* c, Index ldc, const Ahead<Ops>& ahead) {
  using Value = typename Ops::Value;
  constexpr Index kWidth = kVectors * Ops::kLanes;
  columns = std::min(columns, kWidth);  // always true; tells the compiler the bound
  HWY_ALIGN Value copy[kRows * kWidth] = {};
  if (adds) {
    for (int r = 0; r < kRows; ++r) std::copy_n(c + r * ldc, columns, copy + r * kWidth);
  }
  FullTile<Ops, kRows, kVectors, kLeft>(k, a, panel, adds, copy, kWidth,
                                        {copy, ahead.panel, ahead.step});
  for (int r = 0; r < kRows; ++r) std::copy_n(copy + r * kWidth, columns, c + r * ldc);
}

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#endif  // LOCKSTEP_GEMM_TILE_INL_H_
