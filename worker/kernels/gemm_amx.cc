// This file is compiled for AVX-512 with bfloat16 whatever the rest of the program is compiled for,
// because it only runs on processors that have AMX, and those have both. Operands are packed into
// tiles (amx_packing-inl.h).
//
// The sums of up to four tiles of c stay in registers while k goes up. Around that are loops over
// the row tiles of a block, then over column tiles, and then over blocks of rows and of k whose
// packed left side stays in the second-level cache.
#include "worker/kernels/gemm_amx.h"

#include <hwy/highway.h>

#include <algorithm>

#include "base/error.h"
#include "worker/kernels/amx_tiles.h"

#if defined(__x86_64__)

#include <immintrin.h>

#if !defined(__clang__)
// GCC 12 warns about undefined values in its own header, where they are intended.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")

#include "worker/kernels/amx_packing-inl.h"

namespace lockstep {
namespace {

// Block sizes. Results do not depend on them, only the speed does.
constexpr Index kRowBlock = 256;      // rows of c
constexpr Index kDeepBlock = 1024;    // k
constexpr Index kColumnBlock = 1024;  // columns of c, for a^T b

// Where tiles of c lie. A tile whose last columns are beyond those of c is loaded and stored by way
// of a copy.
struct Sums {
  float* c;
  Index ldc;
  Index columns;  // of c, from the first column of the first tile on
  bool adds;
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

// Shapes of the registers for kRowTiles row tiles, of which the last has `last_rows` rows.
template <int kRowTiles>
amx::TileShapes ShapesFor(Index last_rows) {
  using Use = Registers<kRowTiles>;
  amx::TileShapes shapes;
  for (int tile = 0; tile < 8; ++tile) shapes.Set(tile, kSide);
  for (int sum = Use::Sum(kRowTiles - 1, 0); sum < 4; ++sum) shapes.Set(sum, last_rows);
  shapes.Set(Use::Left(kRowTiles - 1), last_rows);
  return shapes;
}

// Chooses the instance of the template for the column tiles that are left.
template <int kRowTiles, int kColumnTiles>
void ComputeColumns(Index column_tiles, const Operands& operands, Index last_rows,
                    const Sums& sums) {
  if constexpr (kColumnTiles > 0) {
    if (column_tiles < kColumnTiles) {
      return ComputeColumns<kRowTiles, kColumnTiles - 1>(column_tiles, operands, last_rows, sums);
    }
    ComputeTiles<kRowTiles, kColumnTiles>(operands, last_rows, sums);
  }
}

// Computes `groups` times kRowTiles row tiles of c in all columns. Each group of column tiles of
// the right side stays in the first-level cache while all rows pass.
template <int kRowTiles>
void ComputeRows(Index groups, Index last_rows, const Operands& operands, const Sums& sums) {
  constexpr Index kColumnTiles = 4 / kRowTiles;
  amx::Configure(ShapesFor<kRowTiles>(last_rows));
  for (Index tile = 0; tile < Tiles(sums.columns); tile += kColumnTiles) {
    for (Index group = 0; group < groups; ++group) {
      Operands of_group = operands;
      of_group.left += group * kRowTiles * operands.left_step;
      of_group.right += tile * operands.right_step;
      Sums at = sums;
      at.c += group * kRowTiles * kSide * sums.ldc + tile * kSide;
      at.columns -= tile * kSide;
      ComputeColumns<kRowTiles, kColumnTiles>(Tiles(at.columns), of_group, last_rows, at);
    }
  }
}

// Computes m rows of c from packed operands: pairs of full row tiles, and then what remains.
void ComputeBlock(Index m, const Operands& operands, const Sums& sums) {
  const Index pairs = m / (2 * kSide), rest = m % (2 * kSide);
  if (pairs > 0) ComputeRows<2>(pairs, kSide, operands, sums);
  if (rest > 0) {
    Operands last = operands;
    last.left += 2 * pairs * operands.left_step;
    Sums at = sums;
    at.c += 2 * pairs * kSide * sums.ldc;
    if (rest > kSide) {
      ComputeRows<2>(1, rest - kSide, last, at);
    } else {
      ComputeRows<1>(1, rest, last, at);
    }
  }
  amx::Release();
}

// The end of block `i` if `count` is divided into blocks of at most `most`, as equal as multiples
// of `unit` allow.
struct Division {
  Division(Index total, Index most, Index unit)
      : count(total), step(RoundUp((total + Parts(total, most) - 1) / Parts(total, most), unit)) {}
  static Index Parts(Index total, Index most) {
    return std::max<Index>(1, (total + most - 1) / most);
  }
  Index Size(Index first) const { return std::min(step, count - first); }

  Index count;
  Index step;
};

}  // namespace

const Unit* PackAmx(Op op, Index k, Index n, const float* b, Index ldb, Workspace* workspace) {
  Unit* const packed = workspace->Take<Unit>(Tiles(n) * Blocks(k) * kTileUnits);
  if (op == Op::kAsIs) {
    PackRight(k, n, b, ldb, packed);
  } else {
    PackRightTransposed(k, n, b, ldb, packed);
  }
  return packed;
}

void MultiplyAmx(Index m, Index n, Index k, const float* a, Index lda, const Unit* packed,
                 bool adds, float* c, Index ldc, Workspace* workspace) {
  const Index mark = workspace->used_bytes();
  Unit* const left = workspace->Take<Unit>(MultiplyAmxUnits(k));
  const Division deep(k, kDeepBlock, kDepth);
  for (Index row = 0; row < m; row += kRowBlock) {
    const Index rows = std::min(kRowBlock, m - row);
    Index first = 0;
    do {  // once for k = 0, too, which gives zeros
      const Index depth = deep.Size(first);
      PackLeft(rows, depth, a + row * lda + first, lda, left);
      const Operands operands{Blocks(depth), left, Blocks(depth) * kTileUnits,
                              packed + first / kDepth * kTileUnits, Blocks(k) * kTileUnits};
      ComputeBlock(rows, operands, {c + row * ldc, ldc, n, adds || first > 0});
      first += deep.step;
    } while (first < k);
  }
  workspace->Rewind(mark);
}

void AddTransposedAmx(Index m, Index n, Index k, const float* a, Index lda, const float* b,
                      Index ldb, float* c, Index ldc, Workspace* workspace) {
  const Index mark = workspace->used_bytes();
  const Division deep(k, kDeepBlock, kDepth), wide(n, kColumnBlock, kSide);
  Unit* const left = workspace->Take<Unit>(RoundUp(std::min(m, kRowBlock), kSide) * kDeepBlock / 2);
  Unit* const right = workspace->Take<Unit>(wide.step * kDeepBlock / 2);
  for (Index first = 0; first < k; first += deep.step) {
    const Index depth = deep.Size(first), step = Blocks(depth) * kTileUnits;
    for (Index column = 0; column < n; column += wide.step) {
      const Index columns = wide.Size(column);
      PackRight(depth, columns, b + first * ldb + column, ldb, right);
      for (Index row = 0; row < m; row += kRowBlock) {
        const Index rows = std::min(kRowBlock, m - row);
        PackLeftTransposed(rows, depth, a + first * lda + row, lda, left);
        ComputeBlock(rows, {Blocks(depth), left, step, right, step},
                     {c + row * ldc + column, ldc, columns, true});
      }
    }
  }
  workspace->Rewind(mark);
}

Index MultiplyAmxUnits(Index k) { return kRowBlock * std::min(RoundUp(k, kDepth), kDeepBlock) / 2; }

Index AddTransposedAmxUnits(Index m, Index n) {
  return (RoundUp(std::min(m, kRowBlock), kSide) + RoundUp(std::min(n, kColumnBlock), kSide)) *
         kDeepBlock / 2;
}

}  // namespace lockstep

HWY_POP_ATTRIBUTES

#else

namespace lockstep {

// In this build HasAmx() is always false, so the products are never called.
const std::uint32_t* PackAmx(Op, Index, Index, const float*, Index, Workspace*) {
  LOCKSTEP_CHECK(false);
}
void MultiplyAmx(Index, Index, Index, const float*, Index, const std::uint32_t*, bool, float*,
                 Index, Workspace*) {
  LOCKSTEP_CHECK(false);
}
void AddTransposedAmx(Index, Index, Index, const float*, Index, const float*, Index, float*, Index,
                      Workspace*) {
  LOCKSTEP_CHECK(false);
}
Index MultiplyAmxUnits(Index) { return 0; }
Index AddTransposedAmxUnits(Index, Index) { return 0; }

}  // namespace lockstep

#endif
