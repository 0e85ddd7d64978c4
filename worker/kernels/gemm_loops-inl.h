// The loops of the matrix products (gemm.h): c += a b or c = a b.
//
// The innermost loop computes a tile of c, kTileRows rows by kTileVectors vectors, whose sums stay
// in registers while k goes from 0 up. b is packed in panels: all k of as many columns as a tile
// has, so that the loop reads it from one end to the other. Around it are loops over the rows of c,
// then over its panels, and then over blocks of rows that stay in the second-level cache while
// panel after panel passes.
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
#if defined(LOCKSTEP_GEMM_LOOPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LOCKSTEP_GEMM_LOOPS_INL_H_
#undef LOCKSTEP_GEMM_LOOPS_INL_H_
#else
#define LOCKSTEP_GEMM_LOOPS_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/types.h"
#include "base/workspace.h"
#include "worker/kernels/gemm_sizes.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {

// The division of n columns into panels: as few as the width of the tile allows, as equal in width
// as whole vectors allow. Only the last vector may have columns beyond n, which are zeros.
template <class Ops>
struct Panels {
  explicit Panels(Index n)
      : vectors((n + Ops::kLanes - 1) / Ops::kLanes),
        count((vectors + Ops::kTileVectors - 1) / Ops::kTileVectors) {}
  // The first vector of a panel; Start(count) is the end of the last panel.
  Index Start(Index panel) const { return vectors * panel / count; }
  Index Width(Index panel) const { return (Start(panel + 1) - Start(panel)) * Ops::kLanes; }

  Index vectors;
  Index count;
};

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

// Computes one panel of c, `columns` wide, for all rows of a block.
template <class Ops, Left kLeft>
struct PanelProduct {
  using Unit = typename Ops::Unit;
  using Value = typename Ops::Value;

  Index k;
  const Unit* panel;
  const Unit* next;  // the panel to prefetch for the next product
  Index columns;
  bool adds;
  Value* c;
  Index ldc;

  template <int kRows, int kVectors>
  HWY_INLINE void RunTile(LeftRows<Ops, kLeft> a, Index row, const Ahead<Ops>& ahead) const {
    Value* const at = c + row * ldc;
    if (columns == kVectors * Ops::kLanes) {
      FullTile<Ops, kRows, kVectors, kLeft>(k, a.Below(row, k), panel, adds, at, ldc, ahead);
    } else {
      EdgeTile<Ops, kRows, kVectors, kLeft>(k, a.Below(row, k), panel, columns, adds, at, ldc,
                                            ahead);
    }
  }
  // Computes the remaining rows when m is not a multiple of the rows of a tile.
  template <int kRows, int kVectors>
  void RunLast(LeftRows<Ops, kLeft> a, Index row, Index rows) const {
    if constexpr (kRows > 0) {
      if (rows == kRows) return RunTile<kRows, kVectors>(a, row, {c + columns, panel, 0});
      RunLast<kRows - 1, kVectors>(a, row, rows);
    }
  }
  // Chooses the instance of the template for the panel's width in vectors, and goes through all
  // rows tile by tile.
  template <int kVectors>
  void Run(Index vectors, LeftRows<Ops, kLeft> a, Index m) const {
    if constexpr (kVectors > 0) {
      if (vectors != kVectors) return Run<kVectors - 1>(vectors, a, m);
      constexpr Index kWidth = kVectors * Ops::kLanes;
      const Index step = (kWidth * Ops::kTileRows + m - 1) / m;
      const Unit* coming = next;
      Index row = 0;
      for (; row + Ops::kTileRows <= m; row += Ops::kTileRows) {
        const Index below = row + Ops::kTileRows;
        const Value* const sums = below < m ? c + below * ldc : c + columns;
        RunTile<Ops::kTileRows, kVectors>(a, row, {sums, coming, step});
        coming += k * step;
      }
      RunLast<Ops::kTileRows - 1, kVectors>(a, row, m - row);
    }
  }
};

// The rows of a block, for m rows: as equal as whole tiles allow, about as many as the constants
// say. A last block of few rows would read all panels for little work.
template <class Ops>
Index RowBlock(Index m, bool is_deep) {
  const Index wanted = is_deep ? kGemmDeepRowBlock : kGemmRowBlock;
  const Index blocks = std::max<Index>(1, (m + wanted / 2) / wanted);
  return RoundUp((m + blocks - 1) / blocks, Ops::kTileRows);
}

// Computes all of c. Blocks of rows of `a` stay in the second-level cache while panel after panel
// passes over them. If k is large, it is divided into blocks, so that a piece of a panel stays
// there, too, while all rows pass: c then holds the running sums between blocks of k, which changes
// no bit. `k` is counted in units.
template <class Ops, Left kLeft>
void MultiplyPanels(Index m, Index n, Index k, LeftRows<Ops, kLeft> a,
                    const typename Ops::Unit* packed, bool adds, typename Ops::Value* c,
                    Index ldc) {
  const Panels<Ops> panels(n);
  const Index blocks =
      kLeft == Left::kRows ? std::max<Index>(1, (k + kGemmDeepBlock - 1) / kGemmDeepBlock) : 1;
  const Index row_block =
      kLeft == Left::kColumns ? std::max<Index>(1, m) : RowBlock<Ops>(m, blocks > 1);
  // Where panel p holds unit `from` of k.
  const auto at = [&](Index p, Index from) {
    return packed + panels.Start(p) * Ops::kLanes * k + from * panels.Width(p);
  };
  const auto start_of = [&](Index block) {
    return block == blocks ? k : k * block / blocks / Ops::kGroupUnits * Ops::kGroupUnits;
  };
  for (Index row = 0; row < m; row += row_block) {
    const Index rows = std::min(row_block, m - row);
    for (Index block = 0; block < blocks; ++block) {
      const Index from = start_of(block), end = start_of(block + 1);
      LeftRows<Ops, kLeft> left = a.Below(row, k);
      left.data += from;
      for (Index p = 0; p < panels.count; ++p) {
        const Index first = panels.Start(p) * Ops::kLanes;
        const PanelProduct<Ops, kLeft> product{
            end - from,
            at(p, from),
            p + 1 < panels.count ? at(p + 1, from) : at(0, block + 1 < blocks ? end : 0),
            std::min(panels.Width(p), n - first),
            adds || block > 0,
            c + row * ldc + first,
            ldc};
        product.template Run<Ops::kTileVectors>(panels.Start(p + 1) - panels.Start(p), left, rows);
      }
    }
  }
}

// c += a^T b in blocks of k. Each block of both operands is packed before it is used, so that its
// memory is fetched only once. A narrow left side is used where it is, if Ops::kInPlace: its rows
// of a block are few cache lines, close together.
template <class Ops>
void AddTransposedBlocks(Index m, Index n, Index k, const typename Ops::Value* a, Index lda,
                         const typename Ops::Value* b, Index ldb, typename Ops::Value* c, Index ldc,
                         Workspace* workspace) {
  using Unit = typename Ops::Unit;
  const Index mark = workspace->used_bytes();
  // As few blocks of k as the bound allows, of equal size: a short last block would load and store
  // all sums for little work.
  const Index most = kGemmDepth / Ops::kGroupUnits * Ops::kGroupValues;
  const Index blocks = std::max<Index>(1, (k + most - 1) / most);
  const Index block = RoundUp((k + blocks - 1) / blocks, Ops::kGroupValues);
  // As few blocks of columns as the bound allows, of equal size.
  const Index pieces = std::max<Index>(1, (n + kGemmRightBlock - 1) / kGemmRightBlock);
  const Index right_block = RoundUp((n + pieces - 1) / pieces, Ops::kLanes);
  const bool in_place = Ops::kInPlace && std::abs(lda) <= kGemmInPlace;
  Unit* const left = workspace->Take<Unit>(kGemmDepth * std::min(m, kGemmLeftBlock));
  Unit* const right = workspace->Take<Unit>(kGemmDepth * right_block);
  for (Index first = 0; first < k; first += block) {
    const Index depth = std::min(block, k - first);
    const Index units = RoundUp(depth, Ops::kGroupValues) / Ops::kGroupValues * Ops::kGroupUnits;
    for (Index column = 0; column < n; column += right_block) {
      const Index columns = std::min(right_block, n - column);
      Ops::PackRight(depth, columns, b + first * ldb + column, ldb, right);
      for (Index row = 0; row < m; row += kGemmLeftBlock) {
        const Index rows = std::min(kGemmLeftBlock, m - row);
        const auto multiply = [&]<Left kLeft>(LeftRows<typename Ops::Tiles, kLeft> left_rows) {
          MultiplyPanels(rows, columns, units, left_rows, right, true, c + row * ldc + column, ldc);
        };
        if constexpr (Ops::kInPlace) {
          if (in_place) {
            multiply(LeftRows<typename Ops::Tiles, Left::kColumns>{a + first * lda + row, lda});
            continue;
          }
        }
        Ops::PackLeft(depth, rows, a + first * lda + row, lda, left);
        multiply(LeftRows<typename Ops::Tiles, Left::kTiles>{left, 0});
      }
    }
  }
  workspace->Rewind(mark);
}

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#endif  // LOCKSTEP_GEMM_LOOPS_INL_H_
