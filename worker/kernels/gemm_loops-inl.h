// The loops of the matrix products (gemm.h): c += a b or c = a b.
//
// The innermost loop computes a tile of c (gemm_tile-inl.h), whose sums stay in registers. b is
// packed in panels: all k of as many columns as a tile has, so that the loop reads it from one end
// to the other. Around it are loops over the rows of c, then over its panels, and then over blocks
// of rows that stay in the second-level cache while panel after panel passes.
//
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
#include "worker/kernels/gemm_tile-inl.h"

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
