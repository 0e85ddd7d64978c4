// Packing of the operands of products by AMX (gemm_amx.cc), which rounds them to bfloat16. Packed
// operands are sequences of tiles of 1 KiB, as the registers hold them: 16 rows of 16 units, where
// a unit is two bfloat16 of neighbouring k, the lower k in the lower half.
//   left    [row tile][block of 32 k][row of c][unit of k]
//   right   [column tile][block of 32 k][unit of k][column of c]
// What lies beyond the rows, columns and k of an operand is zero, which changes no sum. To be
// included by gemm_amx.cc only, which chooses the instruction set.
#pragma once

#include <immintrin.h>

#include <algorithm>

#include "base/aligned_buffer.h"
#include "base/types.h"
#include "worker/kernels/gemm_sizes.h"

namespace lockstep {
namespace {

using Unit = std::uint32_t;

constexpr Index kSide = 16;          // rows and columns of a tile of c, units of k in a tile
constexpr Index kDepth = kAmxDepth;  // k in a tile
static_assert(kDepth == 2 * kSide);
constexpr Index kTileUnits = kSide * kSide;
constexpr Index kTileStride = 64;  // bytes from one row of a packed tile to the next

Index Tiles(Index count) { return (count + kSide - 1) / kSide; }
Index Blocks(Index k) { return (k + kDepth - 1) / kDepth; }

inline __mmask16 FirstOf(Index count) {
  return static_cast<__mmask16>(count >= 16 ? 0xffff : (1u << std::max<Index>(count, 0)) - 1);
}

// The first `count` floats from `row` on, at most 16; the others are zero.
inline __m512 LoadFirst(Index count, const float* row) {
  return _mm512_maskz_loadu_ps(FirstOf(count), row);
}

// 32 neighbouring k of one row, of which `count` exist, as 16 units.
inline __m512i RowUnits(Index count, const float* row) {
  const __m512 low = LoadFirst(count, row);
  const __m512 high = count > kSide ? LoadFirst(count - kSide, row + kSide) : _mm512_setzero_ps();
  return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low));
}

// Two neighbouring k of 16 columns, of which `count` exist, as 16 units. Without `odd`, the second
// k is zero.
inline __m512i ColumnUnits(Index count, const float* even, const float* odd) {
  alignas(64) static constexpr std::uint16_t kInterleaved[32] = {
      0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
      8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  const __m512 low = LoadFirst(count, even);
  const __m512 high = odd != nullptr ? LoadFirst(count, odd) : _mm512_setzero_ps();
  return _mm512_permutexvar_epi16(_mm512_load_si512(kInterleaved),
                                  reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low)));
}

// Stores the transpose of 16 rows of 16 units.
inline void StoreTransposed(const __m512i (&rows)[kSide], Unit* tile) {
  __m512i a[kSide], b[kSide];
#pragma GCC unroll 8
  for (int i = 0; i < kSide; i += 2) {
    a[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    a[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < kSide; i += 4) {
    b[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
    b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
    b[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
    b[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    const __m512i low = _mm512_shuffle_i32x4(b[i], b[i + 4], 0x88);
    const __m512i high = _mm512_shuffle_i32x4(b[i + 8], b[i + 12], 0x88);
    const __m512i low_odd = _mm512_shuffle_i32x4(b[i], b[i + 4], 0xdd);
    const __m512i high_odd = _mm512_shuffle_i32x4(b[i + 8], b[i + 12], 0xdd);
    _mm512_store_si512(tile + i * kSide, _mm512_shuffle_i32x4(low, high, 0x88));
    _mm512_store_si512(tile + (i + 4) * kSide, _mm512_shuffle_i32x4(low_odd, high_odd, 0x88));
    _mm512_store_si512(tile + (i + 8) * kSide, _mm512_shuffle_i32x4(low, high, 0xdd));
    _mm512_store_si512(tile + (i + 12) * kSide, _mm512_shuffle_i32x4(low_odd, high_odd, 0xdd));
  }
}

// The units of a block of k for 16 columns of a row-major matrix [k, columns], k by k.
inline void LoadColumns(Index k, Index columns, const float* from, Index stride,
                        __m512i (&units)[kSide]) {
#pragma GCC unroll 16
  for (int u = 0; u < kSide; ++u) {
    const float* const even = from + 2 * u * stride;
    const bool has_even = 2 * u < k, has_odd = 2 * u + 1 < k;
    units[u] = has_even ? ColumnUnits(columns, even, has_odd ? even + stride : nullptr)
                        : _mm512_setzero_si512();
  }
}

// The units of a block of k for 16 rows of a row-major matrix [rows, k].
inline void LoadRows(Index k, Index rows, const float* from, Index stride,
                     __m512i (&units)[kSide]) {
#pragma GCC unroll 16
  for (int r = 0; r < kSide; ++r) {
    units[r] = r < rows ? RowUnits(k, from + r * stride) : _mm512_setzero_si512();
  }
}

// Calls visit(tile of rows or columns, block of k, tile memory) for all tiles of an operand with
// `count` rows or columns. For each block of k, all neighbours are visited one after the other,
// because their memory lies side by side in a matrix [k, count].
template <class Visit>
inline void ForEachTile(Index count, Index k, Unit* packed, const Visit& visit) {
  for (Index block = 0; block < Blocks(k); ++block) {
    for (Index tile = 0; tile < Tiles(count); ++tile) {
      visit(tile, block, packed + (tile * Blocks(k) + block) * kTileUnits);
    }
  }
}

// Packs b [k, n] as a right side.
void PackRight(Index k, Index n, const float* b, Index ldb, Unit* packed) {
  ForEachTile(n, k, packed, [&](Index tile, Index block, Unit* to) {
    __m512i units[kSide];
    LoadColumns(k - block * kDepth, n - tile * kSide, b + block * kDepth * ldb + tile * kSide, ldb,
                units);
#pragma GCC unroll 16
    for (int u = 0; u < kSide; ++u) _mm512_store_si512(to + u * kSide, units[u]);
  });
}

// Packs the transpose of b [n, k] as a right side.
void PackRightTransposed(Index k, Index n, const float* b, Index ldb, Unit* packed) {
  for (Index tile = 0; tile < Tiles(n); ++tile) {
    for (Index block = 0; block < Blocks(k); ++block, packed += kTileUnits) {
      __m512i units[kSide];
      LoadRows(k - block * kDepth, n - tile * kSide, b + tile * kSide * ldb + block * kDepth, ldb,
               units);
      StoreTransposed(units, packed);
    }
  }
}

// Packs a [m, k] as a left side.
void PackLeft(Index m, Index k, const float* a, Index lda, Unit* packed) {
  for (Index row = 0; row < m; ++row) {
    Unit* to = packed + row / kSide * Blocks(k) * kTileUnits + row % kSide * kSide;
    for (Index from = 0; from < k; from += kDepth, to += kTileUnits) {
      _mm512_store_si512(to, RowUnits(k - from, a + row * lda + from));
    }
  }
}

// Packs the transpose of a [k, m] as a left side.
void PackLeftTransposed(Index m, Index k, const float* a, Index lda, Unit* packed) {
  ForEachTile(m, k, packed, [&](Index tile, Index block, Unit* to) {
    __m512i units[kSide];
    LoadColumns(k - block * kDepth, m - tile * kSide, a + block * kDepth * lda + tile * kSide, lda,
                units);
    StoreTransposed(units, to);
  });
}

}  // namespace
}  // namespace lockstep
