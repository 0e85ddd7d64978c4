// The three forms of product against the chain that their header promises, on every instruction set
// of the machine: plain loops that add with std::fma (SSE4: that round each product), bit by bit.
#include "worker/kernels/gemm.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/counter_rng.h"
#include "tests/support/expect_error.h"
#include "tests/worker/kernels/each_isa.h"

namespace lockstep {
namespace {

constexpr Index kWorkspaceBytes = 16 << 20;

// A matrix as stored: `gap` unused elements, not numbers, end each row.
template <typename S>
struct Stored {
  Stored(Index stored_rows, Index stored_cols, Index gap, std::uint64_t seed)
      : rows(stored_rows), cols(stored_cols), stride(stored_cols + gap), values(rows * stride + 8) {
    const CounterRng rng(seed, RandomPurpose::kTest);
    std::fill_n(values.data(), values.size(), std::numeric_limits<S>::quiet_NaN());
    for (Index i = 0; i < rows * cols; ++i) {
      at(i / cols, i % cols) = static_cast<S>(rng.Normal(static_cast<std::uint64_t>(i)));
    }
  }
  S& at(Index r, Index c) { return values[r * stride + c]; }
  S at(Index r, Index c) const { return values[r * stride + c]; }
  S* data() { return values.data(); }
  const S* data() const { return values.data(); }

  Index rows, cols, stride;
  AlignedBuffer<S> values;
};

struct Shape {
  Index m, n, k, gap;
};
// Below, at and above the tile, the blocks and the depth of a block; odd k; nothing at all.
constexpr Shape kShapes[] = {{1, 1, 1, 0},      {2, 3, 5, 0},    {7, 1, 3, 2},     {1, 17, 9, 1},
                             {5, 4, 0, 3},      {0, 4, 3, 0},    {3, 0, 2, 0},     {33, 31, 65, 0},
                             {64, 48, 32, 5},   {3, 129, 67, 3}, {201, 103, 7, 1}, {9, 50, 385, 0},
                             {197, 20, 193, 2}, {8, 1100, 3, 1}};

// One more term of a chain.
template <typename S>
S Chain(Isa isa, S a, S b, S sum) {
  if (isa >= Isa::kAvx2) return std::fma(a, b, sum);
  const S product = a * b;
  return product + sum;
}

template <typename S>
bool SameBits(S a, S b) {
  return std::memcmp(&a, &b, sizeof(S)) == 0;
}

// What c must hold, gaps as they were.
template <typename S, typename Left, typename Right>
Stored<S> Expected(Isa isa, const Shape& s, const Left& left, const Right& right, bool adds,
                   Stored<S> c) {
  for (Index i = 0; i < s.m; ++i) {
    for (Index j = 0; j < s.n; ++j) {
      S sum = adds ? c.at(i, j) : S(0);
      for (Index l = 0; l < s.k; ++l) sum = Chain(isa, left(i, l), right(l, j), sum);
      c.at(i, j) = sum;
    }
  }
  return c;
}

template <typename S>
Stored<S> Copy(const Stored<S>& from) {
  Stored<S> copy(from.rows, from.cols, from.stride - from.cols, 0);
  std::copy_n(from.data(), from.values.size(), copy.data());
  return copy;
}

template <typename S>
void ExpectSameBits(const Stored<S>& found, const Stored<S>& expected, const std::string& what) {
  for (Index i = 0; i < found.values.size(); ++i) {
    ASSERT_TRUE(SameBits(found.values[i], expected.values[i]))
        << what << ": element " << i << " is " << found.values[i] << ", expected "
        << expected.values[i];
  }
}

std::string Text(const Shape& s) {
  return fmt::format("m {} n {} k {} gap {}", s.m, s.n, s.k, s.gap);
}

template <typename S>
void ExpectMultiplyIsTheChain(Isa isa) {
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
        const Stored<S> expected = Expected<S>(isa, s, left, right, adds, Copy(c));
        const auto packed = Pack(Precision::kFloat32, op, s.k, s.n, b.data(), b.stride, &workspace);
        EXPECT_LE(workspace.used_bytes(), PackedBytes<S>(s.k, s.n));
        Multiply(s.m, a.data(), a.stride, packed, adds, c.data(), c.stride, &workspace);
        ExpectSameBits(c, expected, Text(s));
      }
    }
  }
}

TEST(Multiply, IsTheChainOfItsHeaderBitByBit) {
  ForEachIsa([](Isa isa) {
    ExpectMultiplyIsTheChain<float>(isa);
    ExpectMultiplyIsTheChain<double>(isa);
  });
}

template <typename S>
void ExpectAddTransposedIsTheChain(Isa isa) {
  for (const Shape& s : kShapes) {
    Workspace workspace(AddTransposedBytes<S>(s.m, s.n));
    const Stored<S> a(s.k, s.m, s.gap, 1), b(s.k, s.n, s.gap, 2);
    Stored<S> c(s.m, s.n, s.gap, 3);
    const auto left = [&](Index i, Index l) { return a.at(l, i); };
    const auto right = [&](Index l, Index j) { return b.at(l, j); };
    const Stored<S> expected = Expected<S>(isa, s, left, right, true, Copy(c));
    AddTransposed(Precision::kFloat32, s.m, s.n, s.k, a.data(), a.stride, b.data(), b.stride,
                  c.data(), c.stride, &workspace);
    EXPECT_EQ(workspace.used_bytes(), 0);
    ExpectSameBits(c, expected, Text(s));
  }
}

TEST(AddTransposed, IsTheChainOfItsHeaderBitByBit) {
  ForEachIsa([](Isa isa) {
    ExpectAddTransposedIsTheChain<float>(isa);
    ExpectAddTransposedIsTheChain<double>(isa);
  });
}

TEST(AddTransposed, MayBeCutAnywhereInK) {
  const Stored<float> a(301, 37, 3, 1), b(301, 70, 0, 2);
  Workspace workspace(kWorkspaceBytes);
  Stored<float> whole(37, 70, 0, 3), cut(37, 70, 0, 3);
  const auto add = [&](Index first, Index last, Stored<float>* c) {
    AddTransposed(Precision::kFloat32, 37, 70, last - first, a.data() + first * a.stride, a.stride,
                  b.data() + first * b.stride, b.stride, c->data(), c->stride, &workspace);
  };
  add(0, 301, &whole);
  const Index borders[] = {0, 1, 64, 192, 200, 301};
  for (int piece = 0; piece < 5; ++piece) add(borders[piece], borders[piece + 1], &cut);
  ExpectSameBits(cut, whole, "cut");
}

// --- bfloat16

// To nearest, ties to even; subnormal numbers are zero to VDPBF16PS.
float Rounded(float x) {
  std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  bits += 0x7fff + ((bits >> 16) & 1);
  return std::bit_cast<float>(bits & 0xffff0000u);
}

class Bfloat16 : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasBfloat16()) GTEST_SKIP() << "this machine has no AVX512_BF16";
  }
  // Pairs of products of rounded operands, the odd one first (Intel SDM, VDPBF16PS).
  template <typename Left, typename Right>
  static Stored<float> Expect(const Shape& s, const Left& left, const Right& right, bool adds,
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
};

TEST_F(Bfloat16, MultiplyIsTheChainOfRoundedPairs) {
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
        const Stored<float> expected = Expect(s, left, right, adds, Copy(c));
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

TEST_F(Bfloat16, AddTransposedIsTheChainOfRoundedPairs) {
  for (const Shape& s : kShapes) {
    Workspace workspace(AddTransposedBytes<float>(s.m, s.n));
    const Stored<float> a(s.k, s.m, s.gap, 1), b(s.k, s.n, s.gap, 2);
    Stored<float> c(s.m, s.n, s.gap, 3);
    const auto left = [&](Index i, Index l) { return a.at(l, i); };
    const auto right = [&](Index l, Index j) { return b.at(l, j); };
    const Stored<float> expected = Expect(s, left, right, true, Copy(c));
    AddTransposed(Precision::kBfloat16, s.m, s.n, s.k, a.data(), a.stride, b.data(), b.stride,
                  c.data(), c.stride, &workspace);
    ExpectSameBits(c, expected, Text(s));
  }
}

TEST_F(Bfloat16, LetsNotANumberThroughAndKeepsItInItsRow) {
  Workspace workspace(kWorkspaceBytes);
  Stored<float> a(3, 5, 0, 1), c(3, 4, 0, 3);
  const Stored<float> b(5, 4, 0, 2);
  a.at(1, 4) = std::nanf("");
  const auto packed = Pack(Precision::kBfloat16, Op::kAsIs, 5, 4, b.data(), 4, &workspace);
  Multiply(3, a.data(), 5, packed, false, c.data(), 4, &workspace);
  for (Index i = 0; i < 3; ++i) {
    for (Index j = 0; j < 4; ++j) EXPECT_EQ(std::isnan(c.at(i, j)), i == 1);
  }
}

// --- what exactness stands on

// The product of one pair of matrices that start `shift` elements after a 64-byte border.
std::vector<float> ShiftedProduct(Precision precision, Op op, const Shape& s, Index shift) {
  const auto place = [shift](const Stored<float>& matrix) {
    AlignedBuffer<float> moved(matrix.values.size() + shift);
    std::copy_n(matrix.values.data(), matrix.values.size(), moved.data() + shift);
    return moved;
  };
  const Stored<float> a(s.m, s.k, s.gap, 1),
      weights(op == Op::kAsIs ? s.k : s.n, op == Op::kAsIs ? s.n : s.k, s.gap, 2);
  const AlignedBuffer<float> moved_a = place(a), moved_b = place(weights);
  AlignedBuffer<float> c(s.m * s.n + shift);
  Workspace workspace(kWorkspaceBytes);
  const auto packed =
      Pack(precision, op, s.k, s.n, moved_b.data() + shift, weights.stride, &workspace);
  Multiply(s.m, moved_a.data() + shift, a.stride, packed, false, c.data() + shift, s.n, &workspace);
  return {c.data() + shift, c.data() + c.size()};
}

TEST(Products, GiveTheSameBitsAtEveryAlignment) {
  for (Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    if (precision == Precision::kBfloat16 && !HasBfloat16()) continue;
    for (const Shape& shape : {Shape{8, 96, 32, 0}, Shape{31, 51, 17, 0}, Shape{37, 129, 301, 3}}) {
      for (Op op : {Op::kAsIs, Op::kTransposed}) {
        const std::vector<float> expected = ShiftedProduct(precision, op, shape, 0);
        for (Index shift : {1, 3, 4, 8}) {
          EXPECT_EQ(ShiftedProduct(precision, op, shape, shift), expected)
              << Text(shape) << " shift " << shift;
        }
      }
    }
  }
}

TEST(Products, OfAvx2AndAvx512AreTheSameBits) {
  if (DetectIsa() < Isa::kAvx512) GTEST_SKIP() << "this machine has no AVX-512";
  std::vector<std::vector<float>> products;
  ForEachIsa([&](Isa) {
    products.push_back(ShiftedProduct(Precision::kFloat32, Op::kTransposed, {37, 129, 301, 3}, 0));
  });
  EXPECT_EQ(products[1], products[2]);
}

TEST(Precision, HasNames) {
  EXPECT_EQ(PrecisionFromName("bf16"), Precision::kBfloat16);
  EXPECT_EQ(PrecisionName(PrecisionFromName("float32")), "float32");
  ExpectError(ExitCode::kUsage, "numerics.precision is \"fp16\"; allowed are float32 and bf16",
              [] { PrecisionFromName("fp16"); });
}

}  // namespace
}  // namespace lockstep
