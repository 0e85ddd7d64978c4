// This file is compiled for AVX-512 with bfloat16 whatever the rest of the program is compiled for,
// because it only runs on processors that have AMX, and those have both. Operands are packed into
// tiles (amx_packing-inl.h).
//
// Around the innermost loops (amx_sums-inl.h) are loops over the row tiles of a block, then over
// column tiles, and then over blocks of rows and of k whose packed left side stays in the
// second-level cache.
#include "worker/kernels/gemm_amx.h"

#include <hwy/highway.h>

#include <algorithm>

// All headers that define functions come before the instruction set is chosen.
#include "base/aligned_buffer.h"
#include "base/error.h"
#include "worker/kernels/amx_tiles.h"
#include "worker/kernels/gemm_sizes.h"

#if defined(__x86_64__)

#include <immintrin.h>

#if !defined(__clang__)
// GCC 12 warns about undefined values in its own header, where they are intended.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")

#include "worker/kernels/amx_sums-inl.h"

namespace lockstep {
namespace {

// Block sizes. Results do not depend on them, only the speed does.
constexpr Index kRowBlock = 256;      // rows of c
constexpr Index kDeepBlock = 1024;    // k
constexpr Index kColumnBlock = 1024;  // columns of c, for a^T b

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
  const Index columns = (Tiles(sums.columns) + kColumnTiles - 1) / kColumnTiles;
  for (Index i = 0; i < columns; ++i) {
    const Index place = sums.order == PanelOrder::kAscending ? i : columns - 1 - i;
    const Index tile = place * kColumnTiles;
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
                 bool adds, float* c, Index ldc, Workspace* workspace, PanelOrder order) {
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
      ComputeBlock(rows, operands, {c + row * ldc, ldc, n, adds || first > 0, order});
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
                 Index, Workspace*, PanelOrder) {
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
