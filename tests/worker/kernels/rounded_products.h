// What the tests of products with bfloat16 operands share: products by any way are compared with
// sums that a test computes itself, and, for numbers that training rarely has, with each other.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "tests/worker/kernels/gemm_matrices.h"
#include "worker/kernels/gemm.h"

namespace lockstep {

// To nearest, ties to even. Only for normal numbers.
inline float Rounded(float x) {
  std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  bits += 0x7fff + ((bits >> 16) & 1);
  return std::bit_cast<float>(bits & 0xffff0000u);
}

// chain(k, left, right, sum) adds the products of the rounded left(l) and right(l) to `sum`.
template <typename Chain, typename Left, typename Right>
Stored<float> ExpectedSums(const Shape& s, const Chain& chain, const Left& left, const Right& right,
                           bool adds, Stored<float> c) {
  for (Index i = 0; i < s.m; ++i) {
    for (Index j = 0; j < s.n; ++j) {
      c.at(i, j) = chain(
          s.k, [&](Index l) { return Rounded(left(i, l)); },
          [&](Index l) { return Rounded(right(l, j)); }, adds ? c.at(i, j) : 0.0f);
    }
  }
  return c;
}

template <typename Chain>
void ExpectMultiplyIs(Precision precision, const Chain& chain) {
  Workspace workspace(kWorkspaceBytes);
  for (const Shape& s : kShapes) {
    for (Op op : {Op::kAsIs, Op::kTransposed}) {
      for (bool adds : {false, true}) {
        workspace.Rewind(0);
        const Stored<float> a(s.m, s.k, s.gap, 1);
        const Stored<float> b(op == Op::kAsIs ? s.k : s.n, op == Op::kAsIs ? s.n : s.k, s.gap, 2);
        Stored<float> c(s.m, s.n, s.gap, 3);
        const auto left = [&](Index i, Index l) { return a.at(i, l); };
        const auto right = [&](Index l, Index j) {
          return op == Op::kAsIs ? b.at(l, j) : b.at(j, l);
        };
        const Stored<float> expected = ExpectedSums(s, chain, left, right, adds, Copy(c));
        const auto packed = Pack(precision, op, s.k, s.n, b.data(), b.stride, &workspace);
        EXPECT_LE(workspace.used_bytes(), PackedBytes<float>(precision, s.k, s.n));
        Workspace scratch(MultiplyBytes<float>(precision, s.k));
        Multiply(s.m, a.data(), a.stride, packed, adds, c.data(), c.stride, &scratch);
        EXPECT_EQ(scratch.used_bytes(), 0);
        ExpectSameBits(c, expected, Text(s));
      }
    }
  }
}

template <typename Chain>
void ExpectAddTransposedIs(Precision precision, const Chain& chain) {
  for (const Shape& s : kShapes) {
    Workspace workspace(AddTransposedBytes<float>(precision, s.m, s.n));
    const Stored<float> a(s.k, s.m, s.gap, 1), b(s.k, s.n, s.gap, 2);
    Stored<float> c(s.m, s.n, s.gap, 3);
    const auto left = [&](Index i, Index l) { return a.at(l, i); };
    const auto right = [&](Index l, Index j) { return b.at(l, j); };
    const Stored<float> expected = ExpectedSums(s, chain, left, right, true, Copy(c));
    AddTransposed(precision, s.m, s.n, s.k, a.data(), a.stride, b.data(), b.stride, c.data(),
                  c.stride, &workspace);
    EXPECT_EQ(workspace.used_bytes(), 0);
    ExpectSameBits(c, expected, Text(s));
  }
}

inline void ExpectNotANumberStaysInItsRow(Precision precision) {
  Workspace workspace(kWorkspaceBytes);
  Stored<float> a(3, 5, 0, 1), c(3, 4, 0, 3);
  const Stored<float> b(5, 4, 0, 2);
  a.at(1, 4) = std::bit_cast<float>(0x7fffffffu);  // which rounding must not make a number
  const auto packed = Pack(precision, Op::kAsIs, 5, 4, b.data(), 4, &workspace);
  Multiply(3, a.data(), 5, packed, false, c.data(), 4, &workspace);
  for (Index i = 0; i < 3; ++i) {
    for (Index j = 0; j < 4; ++j) EXPECT_EQ(std::isnan(c.at(i, j)), i == 1);
  }
}

// Floats of random bits, whose exponents are those of 2^lowest to 2^(lowest + count - 1).
inline Stored<float> RandomBits(Index rows, Index cols, int lowest, std::uint64_t count,
                                std::uint64_t seed) {
  Stored<float> matrix(rows, cols, 0, seed);
  const CounterRng rng(seed, RandomPurpose::kTest, 1);
  for (Index i = 0; i < rows * cols; ++i) {
    const auto at = static_cast<std::uint64_t>(i);
    const auto exponent = static_cast<std::uint64_t>(lowest + 127) + rng.Below(2 * at, count);
    const std::uint64_t others = rng.Below(2 * at + 1, std::uint64_t{1} << 24);
    matrix.values[i] = std::bit_cast<float>(static_cast<std::uint32_t>(
        (exponent << 23) | (others & 0x7fffff) | ((others >> 23) << 31)));
  }
  return matrix;
}

struct Regime {
  const char* what;
  int lowest_factor, lowest_sum;  // powers of two
  std::uint64_t factors, sums;    // how many powers there are from the lowest on
};
// The last exponent of a float, 2^128, is that of infinity and of what is no number.
inline constexpr Regime kRegimes[] = {
    {"common numbers", -10, -10, 20, 20},
    {"products around the least normal number", -72, -127, 20, 12},
    {"subnormal operands", -127, -127, 4, 200},
    {"overflow", 50, 100, 20, 28},
    {"any bits", -127, -127, 256, 256}};

// The sums of many short products with `terms` k, whose operands are drawn from `regime`.
inline std::vector<float> SumsOf(Precision precision, Index terms, const Regime& regime) {
  constexpr Index kRows = 31, kColumns = 51;
  std::vector<float> sums;
  Workspace workspace(kWorkspaceBytes);
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Stored<float> a =
        RandomBits(kRows, terms, regime.lowest_factor, regime.factors, 3 * seed);
    const Stored<float> b =
        RandomBits(terms, kColumns, regime.lowest_factor, regime.factors, 3 * seed + 1);
    Stored<float> c = RandomBits(kRows, kColumns, regime.lowest_sum, regime.sums, 3 * seed + 2);
    workspace.Rewind(0);
    const auto packed = Pack(precision, Op::kAsIs, terms, kColumns, b.data(), kColumns, &workspace);
    Multiply(kRows, a.data(), terms, packed, true, c.data(), kColumns, &workspace);
    sums.insert(sums.end(), c.data(), c.data() + kRows * kColumns);
  }
  return sums;
}

// Compares sums bit by bit; what is no number has no particular bits.
inline void ExpectSameSums(const std::vector<float>& found, const std::vector<float>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (std::isnan(found[i]) && std::isnan(expected[i])) continue;
    ASSERT_TRUE(SameBits(found[i], expected[i])) << i << ": " << found[i] << " and " << expected[i];
  }
}

}  // namespace lockstep
