// The tile (gemm_tile-inl.h) of products in the order of AMX, computed with floats. For each block
// of 32 packed k, the first 16 and the last 16 are two chains that start at zero; their sum is
// added to c (Intel SDM, TDPBF16PS).
#if defined(LOCKSTEP_GEMM_FOLDED_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LOCKSTEP_GEMM_FOLDED_INL_H_
#undef LOCKSTEP_GEMM_FOLDED_INL_H_
#else
#define LOCKSTEP_GEMM_FOLDED_INL_H_
#endif

#include "worker/kernels/gemm_plain-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {

struct FoldedTiles : PlainOps<float> {
  using Tiles = FoldedTiles;
  static constexpr Index kGroupValues = kAmxDepth, kGroupUnits = kAmxDepth;
  static constexpr bool kInPlace = false, kFolds = true;
};

// c = e + o or c += e + o for a tile; rows of e and o are as long as the tile is wide.
template <int kRows, int kVectors>
HWY_INLINE void AddChains(const float* even, const float* odd, bool adds, float* c, Index ldc) {
  using Ops = PlainOps<float>;
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) {
      const Index at = (r * kVectors + v) * Ops::kLanes;
      float* const to = c + r * ldc + v * Ops::kLanes;
      const auto sum = hn::Add(Ops::LoadSum(even + at), Ops::LoadSum(odd + at));
      Ops::StoreSum(hn::Add(adds ? Ops::LoadSum(to) : Ops::Zero(), sum), to);
    }
  }
}

// k is a multiple of kAmxDepth.
template <class Ops, int kRows, int kVectors, Left kLeft>
void FoldedTile(Index k, LeftRows<Ops, kLeft> a, const typename Ops::Unit* panel, bool adds,
                typename Ops::Value* c, Index ldc, const Ahead<Ops>& ahead) {
  constexpr Index kWidth = kVectors * Ops::kLanes, kHalf = kAmxDepth / 2;
  constexpr Index kLeftStep = kLeft == Left::kRows ? 1 : kRows;
  HWY_ALIGN float chains[2][kRows * kWidth];
  if (k == 0 && !adds) std::fill_n(chains[0], kRows * kWidth, 0.0f);
  for (Index i = 0; i < k; i += kAmxDepth) {
    for (Index half = 0; half < 2; ++half) {
      const Index from = i + half * kHalf;
      Tile<PlainOps<float>, kRows, kVectors, kLeft>(
          kHalf, {a.data + from * kLeftStep, a.stride}, panel + from * kWidth, false, chains[half],
          kWidth, {c, ahead.panel + from * ahead.step, ahead.step});
    }
    AddChains<kRows, kVectors>(chains[0], chains[1], adds || i > 0, c, ldc);
  }
  if (k == 0 && !adds) AddChains<kRows, kVectors>(chains[0], chains[0], false, c, ldc);
}

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#endif  // LOCKSTEP_GEMM_FOLDED_INL_H_
