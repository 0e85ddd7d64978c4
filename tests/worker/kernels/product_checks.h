// The forms of product, for all shapes of gemm_matrices.h, bit by bit against sums that a test
// computes itself: chain(k, left, right, sum) adds the products of left(l) and right(l), 0 <= l <
// k, to `sum` in the order that is promised.
#pragma once

#include <gtest/gtest.h>

#include "tests/worker/kernels/gemm_matrices.h"
#include "worker/kernels/row_product.h"

namespace lockstep {

// What c must hold, gaps as they were.
template <typename S, typename Chain, typename Left, typename Right>
Stored<S> ExpectedSums(const Shape& s, const Chain& chain, const Left& left, const Right& right,
                       bool adds, Stored<S> c) {
  for (Index i = 0; i < s.m; ++i) {
    for (Index j = 0; j < s.n; ++j) {
      c.at(i, j) = chain(
          s.k, [&](Index l) { return left(i, l); }, [&](Index l) { return right(l, j); },
          adds ? c.at(i, j) : S(0));
    }
  }
  return c;
}

template <typename S, typename Chain>
void ExpectMultiplyIs(Precision precision, const Chain& chain) {
  Workspace workspace(kWorkspaceBytes);
  for (const Shape& s : kShapes) {
    for (Op op : {Op::kAsIs, Op::kTransposed}) {
      for (bool adds : {false, true}) {
        workspace.Rewind(0);
        const Stored<S> a(s.m, s.k, s.gap, 1);
        const Stored<S> b(op == Op::kAsIs ? s.k : s.n, op == Op::kAsIs ? s.n : s.k, s.gap, 2);
        Stored<S> c(s.m, s.n, s.gap, 3);
        const auto left = [&](Index i, Index l) { return a.at(i, l); };
        const auto right = [&](Index l, Index j) {
          return op == Op::kAsIs ? b.at(l, j) : b.at(j, l);
        };
        const Stored<S> expected = ExpectedSums<S>(s, chain, left, right, adds, Copy(c));
        const auto packed = Pack(precision, op, s.k, s.n, b.data(), b.stride, &workspace);
        EXPECT_LE(workspace.used_bytes(), PackedBytes<S>(precision, s.k, s.n));
        Workspace scratch(MultiplyBytes<S>(precision, s.k));
        Multiply(s.m, a.data(), a.stride, packed, adds, c.data(), c.stride, &scratch);
        EXPECT_EQ(scratch.used_bytes(), 0);
        ExpectSameBits(c, expected, Text(s));
      }
    }
  }
}

// The shapes of kShapes with rows below and above those of a tile; the largest with one row only,
// because the plain loops are slow.
template <typename S, typename Chain>
void ExpectFewRowsAre(Precision precision, const Chain& chain) {
  Workspace workspace(kWorkspaceBytes);
  for (Shape s : kShapes) {
    for (const Index m : {1, 2, 3, 4, 5}) {
      if (m > 1 && s.n * s.k > 10000) continue;
      s.m = m;
      for (bool adds : {false, true}) {
        workspace.Rewind(0);
        const Stored<S> a(s.m, s.k, s.gap, 1), b(s.k, s.n, s.gap, 2);
        Stored<S> up(s.m, s.n, s.gap, 3), down = Copy(up);
        const auto left = [&](Index i, Index l) { return a.at(i, l); };
        const auto right = [&](Index l, Index j) { return b.at(l, j); };
        const Stored<S> expected = ExpectedSums<S>(s, chain, left, right, adds, Copy(up));
        const auto packed = Pack(precision, Op::kAsIs, s.k, s.n, b.data(), b.stride, &workspace);
        MultiplyFewRows(PanelOrder::kAscending, s.m, a.data(), a.stride, packed, adds, up.data(),
                        up.stride, &workspace);
        MultiplyFewRows(PanelOrder::kDescending, s.m, a.data(), a.stride, packed, adds, down.data(),
                        down.stride, &workspace);
        ExpectSameBits(up, expected, Text(s));
        ExpectSameBits(down, expected, Text(s));
      }
    }
  }
}

template <typename S, typename Chain>
void ExpectAddTransposedIs(Precision precision, const Chain& chain) {
  for (const Shape& s : kShapes) {
    Workspace workspace(AddTransposedBytes<S>(precision, s.m, s.n));
    const Stored<S> a(s.k, s.m, s.gap, 1), b(s.k, s.n, s.gap, 2);
    Stored<S> c(s.m, s.n, s.gap, 3);
    const auto left = [&](Index i, Index l) { return a.at(l, i); };
    const auto right = [&](Index l, Index j) { return b.at(l, j); };
    const Stored<S> expected = ExpectedSums<S>(s, chain, left, right, true, Copy(c));
    AddTransposed(precision, s.m, s.n, s.k, a.data(), a.stride, b.data(), b.stride, c.data(),
                  c.stride, &workspace);
    EXPECT_EQ(workspace.used_bytes(), 0);
    ExpectSameBits(c, expected, Text(s));
  }
}

}  // namespace lockstep
