#include "worker/kernels/packed_product.h"

#include <algorithm>

#include "base/aligned_buffer.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/kernels/packed_product.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "worker/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {
namespace {

// Register tile: kTileRows x kTileVectors running sums, the vectors of b and one element of a must
// fit the registers: 32 of them with AVX-512, else 16.
#if HWY_TARGET == HWY_AVX3
constexpr int kTileRows = 8, kTileVectors = 3;
#else
constexpr int kTileRows = 6, kTileVectors = 2;
#endif

// The panels of n columns: as few as the tile allows, their widths as even as whole vectors allow,
// so that no column of zeros is computed but in the last vector.
struct Panels {
  Panels(Index n, Index lane_count)
      : lanes(lane_count),
        vectors((n + lanes - 1) / lanes),
        count((vectors + kTileVectors - 1) / kTileVectors) {}
  // First vector of a panel; `count` gives the end of the last.
  Index Start(Index panel) const { return vectors * panel / count; }

  Index lanes;
  Index vectors;
  Index count;
};

template <typename S>
Panels PanelsOf(Index n) {
  return Panels(n, static_cast<Index>(hn::Lanes(hn::ScalableTag<S>())));
}

// Panel after panel, each [k, panel width]; columns beyond n are zero.
template <typename S>
void PackOf(Op op, Index k, Index n, const S* b, Index ldb, S* packed) {
  const Panels panels = PanelsOf<S>(n);
  for (Index p = 0; p < panels.count; ++p) {
    const Index first = panels.Start(p) * panels.lanes;
    const Index width = panels.Start(p + 1) * panels.lanes - first;
    for (Index i = 0; i < k; ++i) {
      for (Index j = 0; j < width; ++j) {
        const Index column = first + j;
        const Index at = op == Op::kAsIs ? i * ldb + column : column * ldb + i;
        *packed++ = column < n ? b[at] : S(0);
      }
    }
  }
}

// Where a tile's result goes; only `columns` of the panel are real.
template <typename S>
struct TileOut {
  S* c;
  Index ldc;
  Index columns;
  bool adds;
};

template <int kVectors, typename S, class D>
HWY_INLINE void StoreRow(D d, const hn::Vec<D>* sums, const TileOut<S>& out, S* row) {
  const Index lanes = static_cast<Index>(hn::Lanes(d));
  if (out.columns == kVectors * lanes) {
    for (int v = 0; v < kVectors; ++v) {
      S* const at = row + v * lanes;
      hn::StoreU(out.adds ? hn::Add(hn::LoadU(d, at), sums[v]) : sums[v], d, at);
    }
    return;
  }
  HWY_ALIGN S values[kVectors * HWY_MAX_BYTES / sizeof(S)] = {};
  for (int v = 0; v < kVectors; ++v) hn::Store(sums[v], d, values + v * lanes);
  for (Index j = 0; j < out.columns; ++j) row[j] = out.adds ? row[j] + values[j] : values[j];
}

template <int kRows, int kVectors, typename S>
HWY_INLINE void Tile(Index k, const S* HWY_RESTRICT a, Index lda, const S* HWY_RESTRICT panel,
                     const TileOut<S>& out) {
  const hn::ScalableTag<S> d;
  using V = hn::Vec<decltype(d)>;
  const Index lanes = static_cast<Index>(hn::Lanes(d));
  V sums[kRows][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 3
    for (int v = 0; v < kVectors; ++v) sums[r][v] = hn::Zero(d);
  }
  for (Index i = 0; i < k; ++i) {
    V b[kVectors];
#pragma GCC unroll 3
    for (int v = 0; v < kVectors; ++v) b[v] = hn::Load(d, panel + v * lanes);
    panel += kVectors * lanes;
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const V x = hn::Set(d, a[r * lda + i]);
#pragma GCC unroll 3
      for (int v = 0; v < kVectors; ++v) sums[r][v] = hn::MulAdd(x, b[v], sums[r][v]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) StoreRow<kVectors>(d, sums[r], out, out.c + r * out.ldc);
}

// The rows left over when m is no multiple of the tile.
template <int kRows, int kVectors, typename S>
void LastRows(Index rows, Index k, const S* a, Index lda, const S* panel, const TileOut<S>& out) {
  if constexpr (kRows > 0) {
    if (rows == kRows) {
      Tile<kRows, kVectors>(k, a, lda, panel, out);
    } else {
      LastRows<kRows - 1, kVectors>(rows, k, a, lda, panel, out);
    }
  }
}

// All rows of one panel, whose width in vectors is found among the template's.
template <int kVectors, typename S>
void MultiplyPanel(Index vectors, Index m, Index k, const S* a, Index lda, const S* panel,
                   const TileOut<S>& out) {
  if constexpr (kVectors > 0) {
    if (vectors != kVectors) return MultiplyPanel<kVectors - 1>(vectors, m, k, a, lda, panel, out);
    const auto below = [&](Index row) {
      return TileOut<S>{out.c + row * out.ldc, out.ldc, out.columns, out.adds};
    };
    Index row = 0;
    for (; row + kTileRows <= m; row += kTileRows) {
      Tile<kTileRows, kVectors>(k, a + row * lda, lda, panel, below(row));
    }
    LastRows<kTileRows - 1, kVectors>(m - row, k, a + row * lda, lda, panel, below(row));
  }
}

template <typename S>
void MultiplyPackedOf(Index m, Index n, Index k, const S* a, Index lda, const S* packed, bool adds,
                      S* c, Index ldc) {
  const Panels panels = PanelsOf<S>(n);
  for (Index p = 0; p < panels.count; ++p) {
    const Index vectors = panels.Start(p + 1) - panels.Start(p);
    const Index first = panels.Start(p) * panels.lanes;
    const TileOut<S> out{c + first, ldc, std::min(vectors * panels.lanes, n - first), adds};
    MultiplyPanel<kTileVectors>(vectors, m, k, a, lda, packed, out);
    packed += k * vectors * panels.lanes;
  }
}

}  // namespace

void PackFloat(Op op, Index k, Index n, const float* b, Index ldb, float* packed) {
  PackOf(op, k, n, b, ldb, packed);
}
void PackDouble(Op op, Index k, Index n, const double* b, Index ldb, double* packed) {
  PackOf(op, k, n, b, ldb, packed);
}
void MultiplyFloat(Index m, Index n, Index k, const float* a, Index lda, const float* packed,
                   bool adds, float* c, Index ldc) {
  MultiplyPackedOf(m, n, k, a, lda, packed, adds, c, ldc);
}
void MultiplyDouble(Index m, Index n, Index k, const double* a, Index lda, const double* packed,
                    bool adds, double* c, Index ldc) {
  MultiplyPackedOf(m, n, k, a, lda, packed, adds, c, ldc);
}

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lockstep {

HWY_EXPORT(PackFloat);
HWY_EXPORT(PackDouble);
HWY_EXPORT(MultiplyFloat);
HWY_EXPORT(MultiplyDouble);

template <typename S>
Index PackedElements(Index k, Index n) {
  return k * RoundUp(n, kAlignmentBytes / static_cast<Index>(sizeof(S)));
}
template Index PackedElements<float>(Index, Index);
template Index PackedElements<double>(Index, Index);

template <>
void Pack(Op op, Index k, Index n, const float* b, Index ldb, float* packed) {
  HWY_DYNAMIC_DISPATCH(PackFloat)(op, k, n, b, ldb, packed);
}
template <>
void Pack(Op op, Index k, Index n, const double* b, Index ldb, double* packed) {
  HWY_DYNAMIC_DISPATCH(PackDouble)(op, k, n, b, ldb, packed);
}
template <>
void MultiplyPacked(Index m, Index n, Index k, const float* a, Index lda, const float* packed,
                    bool adds, float* c, Index ldc) {
  HWY_DYNAMIC_DISPATCH(MultiplyFloat)(m, n, k, a, lda, packed, adds, c, ldc);
}
template <>
void MultiplyPacked(Index m, Index n, Index k, const double* a, Index lda, const double* packed,
                    bool adds, double* c, Index ldc) {
  HWY_DYNAMIC_DISPATCH(MultiplyDouble)(m, n, k, a, lda, packed, adds, c, ldc);
}

}  // namespace lockstep
#endif  // HWY_ONCE
