// What the tests of products with bfloat16 operands share: products by any way are compared with
// sums that a test computes itself (product_checks.h), and, for numbers that training rarely has,
// with each other.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "tests/worker/kernels/each_isa.h"
#include "tests/worker/kernels/product_checks.h"

namespace lockstep {

// To nearest, ties to even. Only for normal numbers.
inline float Rounded(float x) {
  std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  bits += 0x7fff + ((bits >> 16) & 1);
  return std::bit_cast<float>(bits & 0xffff0000u);
}

// Chains over operands as they are become chains over rounded ones (product_checks.h).
template <typename Chain>
auto OfRounded(const Chain& chain) {
  return [&chain](Index k, const auto& left, const auto& right, float sum) {
    return chain(
        k, [&](Index l) { return Rounded(left(l)); }, [&](Index l) { return Rounded(right(l)); },
        sum);
  };
}

// Calls body(isa) for each instruction set of the machine with products as floats, and, where
// has_it(isa) says so, with those of an instruction of the processor, which use_it(true) chooses.
// Ends with use_it(by_default).
template <typename HasIt, typename UseIt, typename Body>
void ForEachRoute(const char* instruction, const HasIt& has_it, const UseIt& use_it,
                  bool by_default, const Body& body) {
  ForEachIsa([&](Isa isa) {
    use_it(false);
    body(isa);
    if (has_it(isa)) {
      SCOPED_TRACE(instruction);
      use_it(true);
      body(isa);
    }
    use_it(by_default);
  });
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
