// The Ops (gemm_tile-inl.h) of operands that are rounded to bfloat16 and kept as floats. Packing
// rounds them and puts the k of a row into the order in which an instruction adds their products:
//   PairOrder   VDPBF16PS: of each pair of neighbouring k the odd one first. The chain over the
//               packed operands is then the sum of that instruction.
//   BlockOrder  TDPBF16PS of AMX: of each block of 32 k first the even ones, then the odd ones.
//               Each half is a chain of its own that starts at zero; both are added, and then their
//               sum to c (FoldedTiles).
// With subnormal numbers taken as zero, the results have the bits of the instructions.
#if defined(LOCKSTEP_GEMM_ROUNDED_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LOCKSTEP_GEMM_ROUNDED_INL_H_
#undef LOCKSTEP_GEMM_ROUNDED_INL_H_
#else
#define LOCKSTEP_GEMM_ROUNDED_INL_H_
#endif

#include <type_traits>

#include "worker/kernels/gemm_folded-inl.h"
#include "worker/kernels/gemm_plain-inl.h"
#include "worker/kernels/isa.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {

// Whether VCVTNEPS2BF16 rounds, instead of ten instructions. It comes with AVX512_BF16, for which
// this file is not compiled, since most processors with AVX-512 do not have it.
inline const bool kRoundsByInstruction = HasBfloat16();

struct PairOrder {
  static constexpr Index kGroup = 2;  // the k among which the order changes
  // The k whose value is packed at place i.
  static constexpr Index Source(Index i) { return i ^ 1; }
  using Tiles = PlainOps<float>;
};
struct BlockOrder {
  static constexpr Index kGroup = kAmxDepth, kHalf = kGroup / 2;
  static constexpr Index Source(Index i) {
    const Index start = i / kGroup * kGroup, place = i % kGroup;
    return start + (place < kHalf ? 2 * place : 2 * (place - kHalf) + 1);
  }
  using Tiles = FoldedTiles;
};

template <class Order>
struct RoundedOps : PlainOps<float> {
  using Tiles = typename Order::Tiles;
  static constexpr Index kGroup = Order::kGroup;
  static constexpr Index kGroupValues = kGroup, kGroupUnits = kGroup;
  static constexpr bool kInPlace = false;

  // Rounds to nearest, ties to even, as VCVTNEPS2BF16 does, but for subnormal numbers, which are
  // only cut, not zero: they count as zero in the products. What is not a number stays so.
  static HWY_INLINE Vec Round(Vec x) {
#if HWY_TARGET == HWY_AVX3
    if (kRoundsByInstruction) {
      __m512 rounded;
      __asm__("vcvtneps2bf16 %1, %t0\n\tvpmovzxwd %t0, %0\n\tvpslld $16, %0, %0"
              : "=v"(rounded)
              : "v"(x.raw));
      return Vec{rounded};
    }
#endif
    const hn::RebindToUnsigned<D> words;
    const auto bits = hn::BitCast(words, x);
    const auto exponent = hn::And(bits, hn::Set(words, 0x7f800000u));
    const auto lowest = hn::And(hn::ShiftRight<16>(bits), hn::Set(words, 1u));
    const auto nearest = hn::Add(bits, hn::Add(lowest, hn::Set(words, 0x7fffu)));
    const auto number = hn::IfThenElse(hn::Eq(exponent, hn::Zero(words)), bits, nearest);
    const auto quiet = hn::Or(bits, hn::Set(words, 0x00400000u));
    const auto rounded = hn::IfThenElse(hn::RebindMask(words, hn::IsNaN(x)), quiet, number);
    return hn::BitCast(D(), hn::And(rounded, hn::Set(words, 0xffff0000u)));
  }
  static HWY_INLINE float Round(float x) { return hn::GetLane(Round(hn::Set(D(), x))); }

  // Rounds `count` neighbouring k of one row, in the order of this type. The last group of k is
  // filled up with zeros.
  static void PackRow(Index count, const float* row, float* to) {
    Index i = 0;
    for (; i + kGroup <= count && kLanes > 1; i += kStep) {
      if constexpr (std::is_same_v<Order, PairOrder>) {
        if (i + kLanes > count) break;
        StoreSum(hn::Reverse2(D(), Round(LoadSum(row + i))), to + i);
      } else {
        PackWholeBlock(row + i, to + i);
      }
    }
    for (; i < RoundUp(count, kGroup); ++i) {
      const Index source = Order::Source(i);
      to[i] = source < count ? Round(row[source]) : 0.0f;
    }
  }

  // Copies b [k, n] into panels of RoundUp(k, kGroup) rows; columns beyond n are zero.
  static void PackRight(Index k, Index n, const float* b, Index ldb, float* packed) {
    constexpr Index kAhead = 8;
    const Panels<PlainOps<float>> panels(n);
    for (Index p = 0; p < panels.count; ++p) {
      const Index first = panels.Start(p) * kLanes, width = panels.Width(p);
      const Index real = std::min(width, n - first);
      for (Index i = 0; i < RoundUp(k, kGroup); ++i, packed += width) {
        const Index source = Order::Source(i);
        const float* const from = b + source * ldb + first;
        Prefetch(from + kAhead * ldb, width);
        RoundPadded(from, source < k ? real : 0, width, packed);
      }
    }
  }

  // Copies the transpose of b [n, k] into panels, as PlainOps does.
  static void PackRightTransposed(Index k, Index n, const float* b, Index ldb, float* packed) {
    constexpr Index kChunk = 64, kAhead = 4;
    const Panels<PlainOps<float>> panels(n);
    HWY_ALIGN float pairs[kChunk];
    for (Index p = 0; p < panels.count; ++p) {
      const Index first = panels.Start(p) * kLanes, width = panels.Width(p);
      for (Index start = 0; start < k; start += kChunk) {
        const Index count = std::min(kChunk, k - start), packed_count = RoundUp(count, kGroup);
        for (Index j = 0; j < width; ++j) {
          if (first + j < n) {
            const float* const row = b + (first + j) * ldb + start;
            Prefetch(row + kAhead * ldb, count);
            PackRow(count, row, pairs);
          } else {
            std::fill_n(pairs, packed_count, 0.0f);
          }
          for (Index i = 0; i < packed_count; ++i) packed[(start + i) * width + j] = pairs[i];
        }
      }
      packed += RoundUp(k, kGroup) * width;
    }
  }

  // Copies a [k, m] into tiles [RoundUp(k, kGroup), kTileRows]; the last tile has only the
  // remaining columns of a. Does eight tiles at a time, as PlainOps does.
  static void PackLeft(Index k, Index m, const float* a, Index lda, float* packed) {
    constexpr Index kTiles = 8, kAhead = 8, kWidest = kTiles * kTileRows;
    const Index depth = RoundUp(k, kGroup);
    HWY_ALIGN float rounded[kWidest];
    for (Index row = 0; row < m; row += kWidest) {
      const Index width = std::min(kWidest, m - row);
      for (Index i = 0; i < depth; ++i) {
        const Index source = Order::Source(i);
        const float* const from = a + source * lda + row;
        Prefetch(from + kAhead * lda, width);
        RoundPadded(from, source < k ? width : 0, width, rounded);
        float* const tiles = packed + row * depth;
        Index column = 0;
        for (; column + kTileRows <= width; column += kTileRows) {
          std::memcpy(tiles + column * depth + i * kTileRows, rounded + column,
                      kTileRows * sizeof(float));
        }
        std::copy_n(rounded + column, width - column,
                    tiles + column * depth + i * (width - column));
      }
    }
  }

 private:
  // How far PackRow goes at a time.
  static constexpr Index kStep = std::is_same_v<Order, PairOrder> ? kLanes : kGroup;
  // Rounds a whole group of BlockOrder.
  static HWY_INLINE void PackWholeBlock(const float* row, float* to) {
    for (Index i = 0; i < kGroup / 2; i += kLanes) {
      Vec even, odd;
      hn::LoadInterleaved2(D(), row + 2 * i, even, odd);
      StoreSum(Round(even), to + i);
      StoreSum(Round(odd), to + kGroup / 2 + i);
    }
  }
  // Rounds the first `real` of `width` neighbouring values; the others become zero.
  static HWY_INLINE void RoundPadded(const float* from, Index real, Index width, float* to) {
    Index j = 0;
    for (; j + kLanes <= real; j += kLanes) StoreSum(Round(LoadSum(from + j)), to + j);
    for (; j < real; ++j) to[j] = Round(from[j]);
    std::fill(to + j, to + width, 0.0f);
  }
};

// c = a b or c += a b with b packed by RoundedOps<Order>. Blocks of rows of a are rounded into
// memory of the workspace.
template <class Order>
void MultiplyRoundedRows(Index m, Index n, Index k, const float* a, Index lda, const float* packed,
                         bool adds, float* c, Index ldc, Workspace* workspace) {
  const Index mark = workspace->used_bytes(), depth = RoundUp(k, Order::kGroup);
  float* const left = workspace->Take<float>(std::min(m, kGemmRowBlock) * depth);
  for (Index row = 0; row < m; row += kGemmRowBlock) {
    const Index rows = std::min(kGemmRowBlock, m - row);
    for (Index r = 0; r < rows; ++r) {
      RoundedOps<Order>::PackRow(k, a + (row + r) * lda, left + r * depth);
    }
    MultiplyPanels<typename Order::Tiles, Left::kRows>(rows, n, depth, {left, depth}, packed, adds,
                                                       c + row * ldc, ldc);
  }
  workspace->Rewind(mark);
}

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#endif  // LOCKSTEP_GEMM_ROUNDED_INL_H_
