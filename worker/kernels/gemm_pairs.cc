// This file is compiled for AVX-512 with bfloat16 whatever the rest of the program is compiled for,
// because Highway 1.0 has no target for it. Two bfloat16 values of neighbouring k form one 32-bit
// unit, the lower k in the lower half; the instruction VDPBF16PS adds both products to a float sum.
#include "worker/kernels/gemm_pairs.h"

#include <hwy/highway.h>

#include "base/aligned_buffer.h"
#include "base/error.h"
#include "worker/kernels/gemm_sizes.h"

#if defined(__x86_64__)

#include <immintrin.h>

#if !defined(__clang__)
// GCC 12 warns about undefined values in its own header, where they are intended.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")

#include "worker/kernels/gemm_loops-inl.h"

namespace lockstep {
namespace HWY_NAMESPACE {
namespace {

// Rounds both to nearest even and joins them, `even` in the lower half of each unit.
inline __m512i Pairs(__m512 even, __m512 odd) {
  const __m512i low = _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(even)));
  const __m512i high = _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(odd)));
  return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}

inline __mmask16 FirstOf(Index count) {
  return static_cast<__mmask16>(count >= 16 ? 0xffff : (1u << std::max<Index>(count, 0)) - 1);
}

// Converts a row of `count` values to units: two neighbours in the row form a unit. Values beyond
// `count` are zero.
inline void PackRow(Index count, const float* row, std::uint32_t* units) {
  for (Index i = 0; i < count; i += 16, units += 8) {
    const __m512 values = _mm512_maskz_loadu_ps(FirstOf(count - i), row + i);
    const __m256i pairs = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(values));
    _mm256_mask_storeu_epi32(units, static_cast<__mmask8>(FirstOf((count - i + 1) / 2)), pairs);
  }
}

struct PairOps {
  using Value = float;
  using Unit = std::uint32_t;
  using Vec = __m512i;
  using Sum = __m512;
  using Tiles = PairOps;
  static constexpr Index kGroupValues = 2, kGroupUnits = 1;
  static constexpr bool kInPlace = false, kFolds = false;
  static constexpr Index kLanes = 16;
  static constexpr int kTileRows = 8, kTileVectors = 3;

  static inline Sum Zero() { return _mm512_setzero_ps(); }
  static inline Sum LoadSum(const float* p) { return _mm512_loadu_ps(p); }
  static inline void StoreSum(Sum sum, float* p) { _mm512_storeu_ps(p, sum); }
  static inline Vec Load(const Unit* p) { return _mm512_load_si512(p); }
  static inline Vec Broadcast(const Unit* p) { return _mm512_set1_epi32(static_cast<int>(*p)); }
  static inline Sum MulAdd(Vec a, Vec b, Sum sum) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
  }

  // Copies b [k, n] into panels. Columns beyond n are zero, and so is the second k of the last unit
  // if k is odd.
  static void PackRight(Index k, Index n, const float* b, Index ldb, Unit* packed) {
    const Panels<PairOps> panels(n);
    for (Index p = 0; p < panels.count; ++p) {
      const Index first = panels.Start(p) * kLanes, width = panels.Width(p);
      for (Index i = 0; i < k; i += 2) {
        for (Index j = 0; j < width; j += kLanes, packed += kLanes) {
          const __mmask16 real = FirstOf(n - first - j);
          const float* const at = b + i * ldb + first + j;
          const __mmask16 second = i + 1 < k ? real : __mmask16{0};
          _mm512_store_si512(packed, Pairs(_mm512_maskz_loadu_ps(real, at),
                                           _mm512_maskz_loadu_ps(second, at + ldb)));
        }
      }
    }
  }

  // Copies the transpose of b [n, k] into panels: a column of a panel is a row of b.
  static void PackRightTransposed(Index k, Index n, const float* b, Index ldb, Unit* packed) {
    constexpr Index kChunk = 256;
    const Panels<PairOps> panels(n);
    const Index units = (k + 1) / 2;
    Unit row[kChunk / 2];
    for (Index p = 0; p < panels.count; ++p) {
      const Index first = panels.Start(p) * kLanes, width = panels.Width(p);
      for (Index j = 0; j < width; ++j) {
        for (Index i = 0; i < k; i += kChunk) {
          const Index count = std::min(kChunk, k - i), pairs = (count + 1) / 2;
          if (first + j < n) {
            PackRow(count, b + (first + j) * ldb + i, row);
          } else {
            std::fill_n(row, pairs, Unit{0});
          }
          for (Index u = 0; u < pairs; ++u) packed[(i / 2 + u) * width + j] = row[u];
        }
      }
      packed += units * width;
    }
  }

  // Copies a [k, m] into tiles [k / 2, kTileRows]; the last tile has only the remaining columns.
  static void PackLeft(Index k, Index m, const float* a, Index lda, Unit* packed) {
    constexpr Index kTiles = 8, kAhead = 8;
    const Index units = (k + 1) / 2;
    for (Index row = 0; row < m; row += kTiles * kTileRows) {
      const Index rows = std::min<Index>(kTiles * kTileRows, m - row);
      for (Index i = 0; i < k; i += 2) {
        const float* const from = a + i * lda + row;
        for (Index line = 0; line < rows; line += 16) {
          __builtin_prefetch(from + kAhead * lda + line);
          __builtin_prefetch(from + (kAhead + 1) * lda + line);
        }
        PackLeftPair(i / 2, units, rows, from, i + 1 < k ? lda : 0, i + 1 < k,
                     packed + row * units);
      }
    }
  }

 private:
  // Packs one unit of k for `rows` rows of c; a register holds two tiles.
  static inline void PackLeftPair(Index unit, Index units, Index rows, const float* even,
                                  Index stride, bool has_odd, Unit* packed) {
    for (Index r = 0; r < rows; r += 16) {
      const __mmask16 real = FirstOf(rows - r);
      const __m512i pairs =
          Pairs(_mm512_maskz_loadu_ps(real, even + r),
                _mm512_maskz_loadu_ps(has_odd ? real : __mmask16{0}, even + stride + r));
      StoreTile(unit, std::min<Index>(kTileRows, rows - r), _mm512_castsi512_si256(pairs),
                packed + r * units);
      if (rows - r > kTileRows) {
        StoreTile(unit, std::min<Index>(kTileRows, rows - r - kTileRows),
                  _mm512_extracti64x4_epi64(pairs, 1), packed + (r + kTileRows) * units);
      }
    }
  }
  static inline void StoreTile(Index unit, Index width, __m256i pairs, Unit* tile) {
    _mm256_mask_storeu_epi32(tile + unit * width, static_cast<__mmask8>(FirstOf(width)), pairs);
  }
};

}  // namespace
}  // namespace HWY_NAMESPACE

using HWY_NAMESPACE::PairOps;

const std::uint32_t* PackPairs(Op op, Index k, Index n, const float* b, Index ldb,
                               Workspace* workspace) {
  std::uint32_t* const packed =
      workspace->Take<std::uint32_t>((k + 1) / 2 * RoundUp(n, PairOps::kLanes));
  if (op == Op::kAsIs) {
    PairOps::PackRight(k, n, b, ldb, packed);
  } else {
    PairOps::PackRightTransposed(k, n, b, ldb, packed);
  }
  return packed;
}

void MultiplyPairs(Index m, Index n, Index k, const float* a, Index lda,
                   const std::uint32_t* packed, bool adds, float* c, Index ldc,
                   Workspace* workspace) {
  const Index mark = workspace->used_bytes(), units = (k + 1) / 2;
  std::uint32_t* const left = workspace->Take<std::uint32_t>(kGemmRowBlock * units);
  for (Index row = 0; row < m; row += kGemmRowBlock) {
    const Index rows = std::min(kGemmRowBlock, m - row);
    for (Index r = 0; r < rows; ++r) {
      HWY_NAMESPACE::PackRow(k, a + (row + r) * lda, left + r * units);
    }
    HWY_NAMESPACE::MultiplyPanels<PairOps, HWY_NAMESPACE::Left::kRows>(
        rows, n, units, {left, units}, packed, adds, c + row * ldc, ldc);
  }
  workspace->Rewind(mark);
}

void AddTransposedPairs(Index m, Index n, Index k, const float* a, Index lda, const float* b,
                        Index ldb, float* c, Index ldc, Workspace* workspace) {
  HWY_NAMESPACE::AddTransposedBlocks<PairOps>(m, n, k, a, lda, b, ldb, c, ldc, workspace);
}

}  // namespace lockstep

HWY_POP_ATTRIBUTES

#else

namespace lockstep {

// In this build HasBfloat16() is always false, so these are never called.
const std::uint32_t* PackPairs(Op, Index, Index, const float*, Index, Workspace*) {
  LOCKSTEP_CHECK(false);
}
void MultiplyPairs(Index, Index, Index, const float*, Index, const std::uint32_t*, bool, float*,
                   Index, Workspace*) {
  LOCKSTEP_CHECK(false);
}
void AddTransposedPairs(Index, Index, Index, const float*, Index, const float*, Index, float*,
                        Index, Workspace*) {
  LOCKSTEP_CHECK(false);
}

}  // namespace lockstep

#endif
