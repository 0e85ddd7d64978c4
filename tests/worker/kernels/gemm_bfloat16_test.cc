// Products of operands that are rounded to bfloat16, bit by bit against pairs of products.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "tests/worker/kernels/gemm_matrices.h"
#include "worker/kernels/gemm.h"
#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

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

}  // namespace
}  // namespace lockstep
