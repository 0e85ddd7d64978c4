#include "worker/kernels/row_product.h"

#include <type_traits>

#include "worker/kernels/subnormals.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/kernels/row_product.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "worker/kernels/gemm_rounded-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {
namespace {

// The most sums of two panels that fit into registers, beside their operands.
#if HWY_TARGET == HWY_AVX3
constexpr int kMostSums = 24;
#else
constexpr int kMostSums = 8;
#endif

// A product of kRows rows; panel by panel, or two panels at a time.
template <typename S, int kRows>
struct RowProduct {
  using Ops = PlainOps<S>;
  static constexpr Index kLanes = Ops::kLanes;

  Index n, k;
  const S* a;
  Index lda;
  const S* packed;
  bool adds;
  S* c;
  Index ldc;
  Panels<Ops> panels = Panels<Ops>(n);

  // A panel of kFirst vectors and one of kSecond, or none, which follow each other in memory, as do
  // their columns at `to`.
  template <int kFirst, int kSecond>
  HWY_INLINE void Tile(const S* HWY_RESTRICT panel, S* to, Index stride) const {
    constexpr int kVectors = kFirst + kSecond;
    const S* HWY_RESTRICT second = panel + k * kFirst * kLanes;
    typename Ops::Sum sums[kRows][kVectors];
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 6
      for (int v = 0; v < kVectors; ++v) {
        sums[r][v] = adds ? Ops::LoadSum(to + r * stride + v * kLanes) : Ops::Zero();
      }
    }
#pragma GCC unroll 4
    for (Index i = 0; i < k; ++i) {
      typename Ops::Vec x[kRows];
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) x[r] = Ops::Broadcast(a + r * lda + i);
#pragma GCC unroll 6
      for (int v = 0; v < kVectors; ++v) {
        const auto weights = Ops::Load(v < kFirst ? panel + (i * kFirst + v) * kLanes
                                                  : second + (i * kSecond + v - kFirst) * kLanes);
#pragma GCC unroll 4
        for (int r = 0; r < kRows; ++r) sums[r][v] = Ops::MulAdd(x[r], weights, sums[r][v]);
      }
    }
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 6
      for (int v = 0; v < kVectors; ++v) {
        Ops::StoreSum(sums[r][v], to + r * stride + v * kLanes);
      }
    }
  }

  // The columns of c beyond n are not touched: the last panel works on a copy if it has any.
  template <int kVectors>
  void OnePanel(Index p) const {
    constexpr Index kWidth = kVectors * kLanes;
    const Index first = panels.Start(p) * kLanes, columns = std::min(kWidth, n - first);
    if (columns == kWidth) return Tile<kVectors, 0>(packed + first * k, c + first, ldc);
    HWY_ALIGN S copy[kRows * kWidth] = {};
    for (int r = 0; r < kRows; ++r) std::copy_n(c + r * ldc + first, columns, copy + r * kWidth);
    Tile<kVectors, 0>(packed + first * k, copy, kWidth);
    for (int r = 0; r < kRows; ++r) std::copy_n(copy + r * kWidth, columns, c + r * ldc + first);
  }
  template <int kVectors>
  void OnePanelOf(Index vectors, Index p) const {
    if constexpr (kVectors > 0) {
      if (vectors == kVectors) return OnePanel<kVectors>(p);
      OnePanelOf<kVectors - 1>(vectors, p);
    }
  }
  void OnePanel(Index p) const { OnePanelOf<Ops::kTileVectors>(panels.Width(p) / kLanes, p); }

  // Computes panels p and p + 1 side by side if they have these widths, in vectors.
  template <int kFirst, int kSecond>
  bool Beside(Index p) const {
    if constexpr (kRows * (kFirst + kSecond) <= kMostSums) {
      const Index begin = panels.Start(p), border = begin + kFirst, end = border + kSecond;
      if (panels.Start(p + 1) != border || panels.Start(p + 2) != end) return false;
      Tile<kFirst, kSecond>(packed + begin * kLanes * k, c + begin * kLanes, ldc);
      return true;
    }
    return false;
  }
  // Panels p and p + 1; side by side if all their columns are real and they are about as wide as a
  // tile. The widths of panels differ by one vector at most.
  void TwoPanels(Index p) const {
    constexpr int kWide = Ops::kTileVectors, kNarrow = kWide - 1;
    if (p + 1 < panels.count && panels.Start(p + 2) * kLanes <= n) {
      if (Beside<kWide, kWide>(p) || Beside<kWide, kNarrow>(p) || Beside<kNarrow, kWide>(p) ||
          Beside<kNarrow, kNarrow>(p)) {
        return;
      }
    }
    OnePanel(p);
    if (p + 1 < panels.count) OnePanel(p + 1);
  }

  Index pairs() const { return (panels.count + 1) / 2; }
  // The index of the i-th pair of panels.
  Index Nth(PanelOrder order, Index i) const {
    return order == PanelOrder::kAscending ? i : pairs() - 1 - i;
  }
  // The first column of a pair; Column(pairs()) is the end of the last one.
  Index Column(Index pair) const {
    return std::min(n, panels.Start(std::min(2 * pair, panels.count)) * kLanes);
  }
  void RunPair(Index pair) const { TwoPanels(2 * pair); }

  void Run(PanelOrder order) const {
    for (Index i = 0; i < pairs(); ++i) RunPair(Nth(order, i));
  }
};

template <int kRows, typename S>
RowProduct<S, kRows> ProductOf(const StepProduct<S>& product) {
  const PackedMatrix<S>& b = *product.b;
  return {b.n,          b.k,       product.a,  product.lda, static_cast<const S*>(b.panels),
          product.adds, product.c, product.ldc};
}

// A product whose columns are computed when they are asked for, in one order.
template <typename S, int kRows>
struct ColumnWalk {
  RowProduct<S, kRows> product;
  PanelOrder order;
  Index done = 0;  // pairs

  // Computes what is left of the columns before `column`; descending, of those from it on.
  void Reach(Index column) {
    for (; done < product.pairs(); ++done) {
      const Index pair = product.Nth(order, done);
      const bool is_beyond = order == PanelOrder::kAscending ? product.Column(pair) >= column
                                                             : product.Column(pair + 1) <= column;
      if (is_beyond) return;
      product.RunPair(pair);
    }
  }
};

template <int kRows, typename S>
void RunStep(PanelOrder order, const StepProduct<S>& input,
             std::span<const StepProduct<S>> recurrent) {
  const bool ascends = order == PanelOrder::kAscending;
  ColumnWalk<S, kRows> inputs{ProductOf<kRows>(input), order};
  for (std::size_t r = 0; r < recurrent.size(); ++r) {
    const StepProduct<S>& next = recurrent[ascends ? r : recurrent.size() - 1 - r];
    const RowProduct<S, kRows> product = ProductOf<kRows>(next);
    for (Index i = 0; i < product.pairs(); ++i) {
      const Index pair = product.Nth(order, i);
      inputs.Reach(next.column + product.Column(ascends ? pair + 1 : pair));
      product.RunPair(pair);
    }
  }
  inputs.Reach(ascends ? input.b->n : 0);
}

template <typename S, int kRows>
void RunRows(PanelOrder order, Index m, Index n, Index k, const S* a, Index lda, const S* packed,
             bool adds, S* c, Index ldc) {
  if constexpr (kRows > 0) {
    if (m != kRows) {
      return RunRows<S, kRows - 1>(order, m, n, k, a, lda, packed, adds, c, ldc);
    }
    RowProduct<S, kRows>{n, k, a, lda, packed, adds, c, ldc}.Run(order);
  }
}

template <int kRows, typename S>
void RunStepRows(PanelOrder order, Index m, const StepProduct<S>& input,
                 std::span<const StepProduct<S>> recurrent) {
  if constexpr (kRows > 0) {
    if (m != kRows) return RunStepRows<kRows - 1>(order, m, input, recurrent);
    RunStep<kRows>(order, input, recurrent);
  }
}

}  // namespace

void FewRowsFloat(PanelOrder order, Index m, Index n, Index k, const float* a, Index lda,
                  const float* packed, bool adds, float* c, Index ldc) {
  RunRows<float, kMostFewRows>(order, m, n, k, a, lda, packed, adds, c, ldc);
}
// The same with operands rounded to bfloat16 and kept as floats (PackRounded in gemm.cc).
void FewRowsRounded(PanelOrder order, Index m, Index n, Index k, const float* a, Index lda,
                    const float* packed, bool adds, float* c, Index ldc, Workspace* workspace) {
  const SubnormalsAreZero zero;
  const Index mark = workspace->used_bytes(), depth = RoundUp(k, PairOrder::kGroup);
  float* const left = workspace->Take<float>(m * depth);
  for (Index row = 0; row < m; ++row)
    RoundedOps<PairOrder>::PackRow(k, a + row * lda, left + row * depth);
  RunRows<float, kMostFewRows>(order, m, n, depth, left, depth, packed, adds, c, ldc);
  workspace->Rewind(mark);
}
void FewRowsDouble(PanelOrder order, Index m, Index n, Index k, const double* a, Index lda,
                   const double* packed, bool adds, double* c, Index ldc) {
  RunRows<double, kMostFewRows>(order, m, n, k, a, lda, packed, adds, c, ldc);
}
void StepFloat(PanelOrder order, Index m, const StepProduct<float>& input,
               std::span<const StepProduct<float>> recurrent) {
  RunStepRows<kMostFewRows>(order, m, input, recurrent);
}
void StepDouble(PanelOrder order, Index m, const StepProduct<double>& input,
                std::span<const StepProduct<double>> recurrent) {
  RunStepRows<kMostFewRows>(order, m, input, recurrent);
}

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lockstep {

HWY_EXPORT(FewRowsFloat);
HWY_EXPORT(FewRowsRounded);
HWY_EXPORT(FewRowsDouble);
HWY_EXPORT(StepFloat);
HWY_EXPORT(StepDouble);

template <typename S>
void MultiplyFewRows(PanelOrder order, Index m, const S* a, Index lda, const PackedMatrix<S>& b,
                     bool adds, S* c, Index ldc, Workspace* workspace) {
  const bool is_rounded = b.precision != Precision::kFloat32 && KeepsRoundedFloats(b.precision);
  if (m > kMostFewRows || (b.precision != Precision::kFloat32 && !is_rounded)) {
    return Multiply(m, a, lda, b, adds, c, ldc, workspace, order);
  }
  const S* const panels = static_cast<const S*>(b.panels);
  if constexpr (std::is_same_v<S, float>) {
    if (is_rounded) {
      return HWY_DYNAMIC_DISPATCH(FewRowsRounded)(order, m, b.n, b.k, a, lda, panels, adds, c, ldc,
                                                  workspace);
    }
    HWY_DYNAMIC_DISPATCH(FewRowsFloat)(order, m, b.n, b.k, a, lda, panels, adds, c, ldc);
  } else {
    HWY_DYNAMIC_DISPATCH(FewRowsDouble)(order, m, b.n, b.k, a, lda, panels, adds, c, ldc);
  }
}
template void MultiplyFewRows(PanelOrder, Index, const float*, Index, const PackedMatrix<float>&,
                              bool, float*, Index, Workspace*);
template void MultiplyFewRows(PanelOrder, Index, const double*, Index, const PackedMatrix<double>&,
                              bool, double*, Index, Workspace*);

template <typename S>
void MultiplyStep(PanelOrder order, Index m, const StepProduct<S>& input,
                  std::span<const StepProduct<S>> recurrent, Workspace* workspace) {
  if (m > kMostFewRows || input.b->precision != Precision::kFloat32) {
    const auto multiply = [&](const StepProduct<S>& p) {
      MultiplyFewRows(order, m, p.a, p.lda, *p.b, p.adds, p.c, p.ldc, workspace);
    };
    multiply(input);
    for (const StepProduct<S>& product : recurrent) multiply(product);
  } else if constexpr (std::is_same_v<S, float>) {
    HWY_DYNAMIC_DISPATCH(StepFloat)(order, m, input, recurrent);
  } else {
    HWY_DYNAMIC_DISPATCH(StepDouble)(order, m, input, recurrent);
  }
}
template void MultiplyStep(PanelOrder, Index, const StepProduct<float>&,
                           std::span<const StepProduct<float>>, Workspace*);
template void MultiplyStep(PanelOrder, Index, const StepProduct<double>&,
                           std::span<const StepProduct<double>>, Workspace*);

}  // namespace lockstep
#endif  // HWY_ONCE
