// The innermost loops of products by AMX: up to four tiles of c, whose sums stay in registers while
// k goes up. To be included by gemm_amx.cc only, which chooses the instruction set.
#pragma once

#include "worker/kernels/amx_packing-inl.h"
#include "worker/kernels/amx_tiles.h"
#include "worker/kernels/gemm.h"

namespace lockstep {
namespace {

// Where tiles of c lie. A tile whose last columns are beyond those of c is loaded and stored by way
// of a copy.
struct Sums {
  float* c;
  Index ldc;
  Index columns;  // of c, from the first column of the first tile on
  bool adds;
  PanelOrder order = PanelOrder::kAscending;  // of column tiles
};

// Registers: sums 0 to 3, the left side 4 (and 5), the right side the others.
template <int kRowTiles>
struct Registers {
  static constexpr int Sum(int row, int column) { return row * (4 / kRowTiles) + column; }
  static constexpr int Left(int row) { return 4 + row; }
  static constexpr int Right(int column) { return kRowTiles == 2 ? 6 + column : 5 + column % 3; }
};

template <int kTile>
inline void LoadSum(const Sums& sums, Index rows, Index row, Index column) {
  float* const at = sums.c + row * sums.ldc + column;
  const Index columns = sums.columns - column;
  if (!sums.adds) return amx::Zero<kTile>();
  if (columns >= kSide) return amx::Load<kTile>(at, sums.ldc * Index{sizeof(float)});
  alignas(64) float copy[kTileUnits];
  for (Index r = 0; r < rows; ++r) {
    _mm512_store_ps(copy + r * kSide, LoadFirst(columns, at + r * sums.ldc));
  }
  amx::Load<kTile>(copy, kTileStride);
}

template <int kTile>
inline void StoreSum(const Sums& sums, Index rows, Index row, Index column) {
  float* const at = sums.c + row * sums.ldc + column;
  const Index columns = sums.columns - column;
  if (columns >= kSide) return amx::Store<kTile>(at, sums.ldc * Index{sizeof(float)});
  alignas(64) float copy[kTileUnits];
  amx::Store<kTile>(copy, kTileStride);
  for (Index r = 0; r < rows; ++r) {
    _mm512_mask_storeu_ps(at + r * sums.ldc, FirstOf(columns), _mm512_load_ps(copy + r * kSide));
  }
}

// Calls visit.operator()<row tile, column tile>() for all tiles of c that are in registers.
template <int kRowTiles, int kColumnTiles, int kIndex = 0, class Visit>
inline void ForEachSum(const Visit& visit) {
  if constexpr (kIndex < kRowTiles * kColumnTiles) {
    visit.template operator()<kIndex % kRowTiles, kIndex / kRowTiles>();
    ForEachSum<kRowTiles, kColumnTiles, kIndex + 1>(visit);
  }
}

// Prefetches the elements of c for the next tiles, row by row: without this, these tiles would
// begin with a wait for them.
template <int kColumnTiles>
struct Ahead {
  void PrefetchTo(Index end) {
    for (; row < end; ++row) {
      for (Index tile = 0; tile <= kColumnTiles; ++tile) {
        __builtin_prefetch(c + row * ldc + tile * kSide, 1);
      }
    }
  }

  const float* c;
  Index ldc;
  Index row = 0;
};

// The packed operands of tiles of c: `blocks` of k are multiplied; from one row or column tile to
// the next there are `left_step` and `right_step` units.
struct Operands {
  Index blocks;
  const Unit* left;
  Index left_step;
  const Unit* right;
  Index right_step;
};

// Computes kRowTiles x kColumnTiles tiles of c; the last row tile has `last_rows` rows.
template <int kRowTiles, int kColumnTiles>
void ComputeTiles(const Operands& operands, Index last_rows, const Sums& sums) {
  using Use = Registers<kRowTiles>;
  const auto rows = [&](int row) { return row + 1 < kRowTiles ? kSide : last_rows; };
  ForEachSum<kRowTiles, kColumnTiles>([&]<int kRow, int kColumn>() {
    LoadSum<Use::Sum(kRow, kColumn)>(sums, rows(kRow), kRow * kSide, kColumn * kSide);
  });
  const Unit* left = operands.left;
  const Unit* right = operands.right;
  constexpr Index kRows = kRowTiles * kSide;
  Ahead<kColumnTiles> ahead{sums.c + kRows * sums.ldc, sums.ldc};
  for (Index block = 0; block < operands.blocks; ++block) {
    ahead.PrefetchTo(kRows * (block + 1) / operands.blocks);
    ForEachSum<kRowTiles, kColumnTiles>([&]<int kRow, int kColumn>() {
      if constexpr (kColumn == 0) {
        amx::Load<Use::Left(kRow)>(left + kRow * operands.left_step, kTileStride);
      }
      if constexpr (kRow == 0) {
        amx::Load<Use::Right(kColumn)>(right + kColumn * operands.right_step, kTileStride);
      }
      amx::AddProduct<Use::Sum(kRow, kColumn), Use::Left(kRow), Use::Right(kColumn)>();
    });
    left += kTileUnits;
    right += kTileUnits;
  }
  ForEachSum<kRowTiles, kColumnTiles>([&]<int kRow, int kColumn>() {
    StoreSum<Use::Sum(kRow, kColumn)>(sums, rows(kRow), kRow * kSide, kColumn * kSide);
  });
}

}  // namespace
}  // namespace lockstep
