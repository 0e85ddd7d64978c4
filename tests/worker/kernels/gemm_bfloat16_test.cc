// Products of operands that are rounded to bfloat16, bit by bit against pairs of products, in every
// way that this machine can compute them: floats on each instruction set, and VDPBF16PS.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "tests/worker/kernels/each_isa.h"
#include "tests/worker/kernels/gemm_matrices.h"
#include "worker/kernels/bfloat16_route.h"
#include "worker/kernels/gemm.h"

namespace lockstep {
namespace {

// To nearest, ties to even. Only for normal numbers.
float Rounded(float x) {
  std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  bits += 0x7fff + ((bits >> 16) & 1);
  return std::bit_cast<float>(bits & 0xffff0000u);
}

template <typename Body>
void ForEachWay(const Body& body) {
  ForEachIsa([&](Isa isa) {
    ForcePairs(false);
    body(isa);
    if (isa < Isa::kAvx512 || !HasBfloat16()) return;
    SCOPED_TRACE("VDPBF16PS");
    ForcePairs(true);
    body(isa);
    ForcePairs(false);
  });
}

// Pairs of products of rounded operands, the odd one first (Intel SDM, VDPBF16PS).
template <typename Left, typename Right>
Stored<float> Expected(const Shape& s, const Left& left, const Right& right, bool adds,
                       Stored<float> c) {
  for (Index i = 0; i < s.m; ++i) {
    for (Index j = 0; j < s.n; ++j) {
      float sum = adds ? c.at(i, j) : 0.0f;
      for (Index l = 0; l < s.k; l += 2) {
        if (l + 1 < s.k) sum = std::fma(Rounded(left(i, l + 1)), Rounded(right(l + 1, j)), sum);
        sum = std::fma(Rounded(left(i, l)), Rounded(right(l, j)), sum);
      }
      c.at(i, j) = sum;
    }
  }
  return c;
}

void ExpectMultiplyIsTheChain() {
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
        const Stored<float> expected = Expected(s, left, right, adds, Copy(c));
        const auto packed =
            Pack(Precision::kBfloat16, op, s.k, s.n, b.data(), b.stride, &workspace);
        EXPECT_LE(workspace.used_bytes(), PackedBytes<float>(s.k, s.n));
        Workspace scratch(MultiplyBytes<float>(Precision::kBfloat16, s.k));
        Multiply(s.m, a.data(), a.stride, packed, adds, c.data(), c.stride, &scratch);
        EXPECT_EQ(scratch.used_bytes(), 0);
        ExpectSameBits(c, expected, Text(s));
      }
    }
  }
}

TEST(Bfloat16, MultiplyIsTheChainOfRoundedPairs) {
  ForEachWay([](Isa) { ExpectMultiplyIsTheChain(); });
}

void ExpectAddTransposedIsTheChain() {
  for (const Shape& s : kShapes) {
    Workspace workspace(AddTransposedBytes<float>(s.m, s.n));
    const Stored<float> a(s.k, s.m, s.gap, 1), b(s.k, s.n, s.gap, 2);
    Stored<float> c(s.m, s.n, s.gap, 3);
    const auto left = [&](Index i, Index l) { return a.at(l, i); };
    const auto right = [&](Index l, Index j) { return b.at(l, j); };
    const Stored<float> expected = Expected(s, left, right, true, Copy(c));
    AddTransposed(Precision::kBfloat16, s.m, s.n, s.k, a.data(), a.stride, b.data(), b.stride,
                  c.data(), c.stride, &workspace);
    EXPECT_EQ(workspace.used_bytes(), 0);
    ExpectSameBits(c, expected, Text(s));
  }
}

TEST(Bfloat16, AddTransposedIsTheChainOfRoundedPairs) {
  ForEachWay([](Isa) { ExpectAddTransposedIsTheChain(); });
}

TEST(Bfloat16, LetsNotANumberThroughAndKeepsItInItsRow) {
  ForEachWay([](Isa) {
    Workspace workspace(kWorkspaceBytes);
    Stored<float> a(3, 5, 0, 1), c(3, 4, 0, 3);
    const Stored<float> b(5, 4, 0, 2);
    a.at(1, 4) = std::bit_cast<float>(0x7fffffffu);  // which rounding must not make a number
    const auto packed = Pack(Precision::kBfloat16, Op::kAsIs, 5, 4, b.data(), 4, &workspace);
    Multiply(3, a.data(), 5, packed, false, c.data(), 4, &workspace);
    for (Index i = 0; i < 3; ++i) {
      for (Index j = 0; j < 4; ++j) EXPECT_EQ(std::isnan(c.at(i, j)), i == 1);
    }
  });
}

// --- all ways agree on numbers that training rarely has

// Floats of random bits, whose exponents are those of 2^lowest to 2^(lowest + count - 1).
Stored<float> RandomBits(Index rows, Index cols, int lowest, std::uint64_t count,
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
constexpr Regime kRegimes[] = {{"common numbers", -10, -10, 20, 20},
                               {"products around the least normal number", -72, -127, 20, 12},
                               {"subnormal operands", -127, -127, 4, 200},
                               {"overflow", 50, 100, 20, 28},
                               {"any bits", -127, -127, 256, 256}};

// The sums of many short products, whose operands are drawn from `regime`.
std::vector<float> SumsOf(const Regime& regime) {
  constexpr Index kRows = 31, kColumns = 51, kTerms = 6;
  std::vector<float> sums;
  Workspace workspace(kWorkspaceBytes);
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Stored<float> a =
        RandomBits(kRows, kTerms, regime.lowest_factor, regime.factors, 3 * seed);
    const Stored<float> b =
        RandomBits(kTerms, kColumns, regime.lowest_factor, regime.factors, 3 * seed + 1);
    Stored<float> c = RandomBits(kRows, kColumns, regime.lowest_sum, regime.sums, 3 * seed + 2);
    workspace.Rewind(0);
    const auto packed =
        Pack(Precision::kBfloat16, Op::kAsIs, kTerms, kColumns, b.data(), kColumns, &workspace);
    Multiply(kRows, a.data(), kTerms, packed, true, c.data(), kColumns, &workspace);
    sums.insert(sums.end(), c.data(), c.data() + kRows * kColumns);
  }
  return sums;
}

TEST(Bfloat16, SumsAreThoseOfVdpbf16psWhateverTheNumbers) {
  for (const Regime& regime : kRegimes) {
    SCOPED_TRACE(regime.what);
    std::vector<float> expected;
    ForEachWay([&](Isa isa) {
      // Without fused multiply-add, a product below the least normal number is lost for its sum.
      if (isa == Isa::kSse4) return;
      const std::vector<float> found = SumsOf(regime);
      if (expected.empty()) expected = found;
      for (std::size_t i = 0; i < found.size(); ++i) {
        if (std::isnan(found[i]) && std::isnan(expected[i])) continue;
        ASSERT_TRUE(SameBits(found[i], expected[i]))
            << i << ": " << found[i] << " and " << expected[i];
      }
    });
  }
}

TEST(Bfloat16, LeavesSubnormalNumbersOfOthersAlone) {
  ForEachWay([](Isa) {
    SumsOf(kRegimes[0]);
    const volatile float least = std::numeric_limits<float>::min();
    const volatile float half = least * 0.5f;
    EXPECT_NE(half, 0.0f);
    EXPECT_EQ(half * 2.0f, least);
  });
}

TEST(Bfloat16, GainIsThatOfTheFasterWay) {
  EXPECT_EQ(Bfloat16Gain(Isa::kAvx2), 1.0);
  EXPECT_GE(Bfloat16Gain(Isa::kAvx512), 1.0);
  EXPECT_EQ(Bfloat16Text(1.0), "bf16 computes at the speed of float32 here");
  EXPECT_EQ(Bfloat16Text(1.96), "bf16 computes up to 2.0 times as fast as float32 here");
}

}  // namespace
}  // namespace lockstep
