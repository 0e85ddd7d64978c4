// The three forms of product against the chain that their header promises, on every instruction set
// of the machine: plain loops that add with std::fma (SSE4: that round each product), bit by bit.
#include "worker/kernels/gemm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/aligned_buffer.h"
#include "tests/support/expect_error.h"
#include "tests/worker/kernels/each_isa.h"
#include "tests/worker/kernels/product_checks.h"
#include "worker/kernels/row_product.h"

namespace lockstep {
namespace {

// The chain of the header, which takes one term after another.
template <typename S>
auto ChainOf(Isa isa) {
  return [isa](Index k, const auto& left, const auto& right, S sum) {
    for (Index l = 0; l < k; ++l) {
      const S a = left(l), b = right(l), product = a * b;
      sum = isa >= Isa::kAvx2 ? std::fma(a, b, sum) : product + sum;
    }
    return sum;
  };
}

TEST(Multiply, IsTheChainOfItsHeaderBitByBit) {
  ForEachIsa([](Isa isa) {
    ExpectMultiplyIs<float>(Precision::kFloat32, ChainOf<float>(isa));
    ExpectMultiplyIs<double>(Precision::kFloat32, ChainOf<double>(isa));
  });
}

TEST(MultiplyFewRows, IsTheSameChainInEitherOrder) {
  ForEachIsa([](Isa isa) {
    ExpectFewRowsAre<float>(Precision::kFloat32, ChainOf<float>(isa));
    ExpectFewRowsAre<double>(Precision::kFloat32, ChainOf<double>(isa));
  });
}

// The products of a step of a GRU of H units, or, if `apart` is false, of an LSTM: the recurrent
// ones of all columns, or those of the candidate apart, which are added to nothing.
template <typename S>
struct StepOfProducts {
  StepOfProducts(Index m, Index H, bool apart, Workspace* workspace)
      : G(apart ? 3 : 4),
        x(m, 7, 1, 1),
        h(m, H, 2, 2),
        gates(m, G * H, 3, 3),
        candidate(m, H, 0, 4),
        w_x(Packed(7, G * H, 5, workspace)),
        w_h(Packed(H, apart ? 2 * H : G * H, 6, workspace)),
        w_n(Packed(H, H, 7, workspace)),
        input{x.data(), x.stride, &w_x, false, gates.data(), gates.stride, 0},
        recurrent{{h.data(), h.stride, &w_h, true, gates.data(), gates.stride, 0}} {
    if (!apart) return;
    recurrent.push_back({h.data(), h.stride, &w_n, false, candidate.data(), H, 2 * H});
  }
  static PackedMatrix<S> Packed(Index k, Index n, std::uint64_t seed, Workspace* workspace) {
    const Stored<S> b(k, n, 0, seed);
    return Pack(Precision::kFloat32, Op::kAsIs, k, n, b.data(), n, workspace);
  }

  Index G;
  Stored<S> x, h, gates, candidate;
  PackedMatrix<S> w_x, w_h, w_n;
  StepProduct<S> input;
  std::vector<StepProduct<S>> recurrent;
};

template <typename S>
void ExpectStepIsItsProducts(Index m, Index H, bool apart) {
  Workspace workspace(2 << 20);
  StepOfProducts<S> expected(m, H, apart, &workspace);
  const auto multiply = [&](const StepProduct<S>& p) {
    MultiplyFewRows(PanelOrder::kAscending, m, p.a, p.lda, *p.b, p.adds, p.c, p.ldc, &workspace);
  };
  multiply(expected.input);
  for (const StepProduct<S>& product : expected.recurrent) multiply(product);
  for (const PanelOrder order : {PanelOrder::kAscending, PanelOrder::kDescending}) {
    StepOfProducts<S> found(m, H, apart, &workspace);
    MultiplyStep<S>(order, m, found.input, found.recurrent, &workspace);
    const std::string what = fmt::format("m {} H {} of {} gates", m, H, found.G);
    ExpectSameBits(found.gates, expected.gates, what);
    ExpectSameBits(found.candidate, expected.candidate, what);
  }
}

// Widths at which the panels of the matrices begin at the same columns, and at which they do not.
TEST(MultiplyStep, HasTheBitsOfItsProducts) {
  ForEachIsa([](Isa) {
    for (const Index m : {1, 2, 4, 5}) {
      for (const Index H : {1, 5, 48, 65, 100}) {
        for (const bool apart : {false, true}) {
          ExpectStepIsItsProducts<float>(m, H, apart);
          ExpectStepIsItsProducts<double>(m, H, apart);
        }
      }
    }
  });
}

TEST(AddTransposed, IsTheChainOfItsHeaderBitByBit) {
  ForEachIsa([](Isa isa) {
    ExpectAddTransposedIs<float>(Precision::kFloat32, ChainOf<float>(isa));
    ExpectAddTransposedIs<double>(Precision::kFloat32, ChainOf<double>(isa));
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
  ExpectError(ExitCode::kUsage,
              "numerics.precision is \"fp16\"; allowed are float32, bf16 and bf16-amx",
              [] { PrecisionFromName("fp16"); });
}

}  // namespace
}  // namespace lockstep
