#include "worker/kernels/packed_product.h"

#include <gtest/gtest.h>

#include "base/aligned_buffer.h"
#include "base/counter_rng.h"
#include "tests/worker/each_isa.h"

namespace lockstep {
namespace {

// Float sums of up to 130 products of numbers below 1, against the same in double.
constexpr double kFloatTolerance = 2e-5;

template <typename S>
AlignedBuffer<S> Random(Index count, std::uint64_t stream) {
  const CounterRng rng(1, RandomPurpose::kTest, stream);
  AlignedBuffer<S> values(count);
  for (Index i = 0; i < count; ++i) {
    values[i] = static_cast<S>(2 * rng.Uniform(static_cast<std::uint64_t>(i)) - 1);
  }
  return values;
}

struct Shape {
  Index m, n, k;
};

// Strides larger than the rows, results added to what was there, and a border that must not change.
template <typename S>
void ExpectBruteForce(const Shape& shape, Op op, bool adds, double tolerance) {
  const auto [m, n, k] = shape;
  const Index lda = k + 3, ldc = n + 5, ldb = (op == Op::kAsIs ? n : k) + 2;
  const auto a = Random<S>(m * lda, 1), b = Random<S>((op == Op::kAsIs ? k : n) * ldb, 2);
  auto c = Random<S>(m * ldc, 3);
  const auto before = Random<S>(m * ldc, 3);
  AlignedBuffer<S> packed(PackedElements<S>(k, n));
  Pack(op, k, n, b.data(), ldb, packed.data());
  MultiplyPacked(m, n, k, a.data(), lda, packed.data(), adds, c.data(), ldc);
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < ldc; ++j) {
      double expected = adds || j >= n ? before[i * ldc + j] : 0;
      for (Index l = 0; l < k && j < n; ++l) {
        expected +=
            static_cast<double>(a[i * lda + l]) * b[op == Op::kAsIs ? l * ldb + j : j * ldb + l];
      }
      ASSERT_NEAR(c[i * ldc + j], expected, tolerance)
          << m << " x " << n << " x " << k << " at " << i << ", " << j;
    }
  }
}

TEST(PackedProduct, AgreesWithBruteForce) {
  ForEachIsa([](Isa) {
    for (const Shape& shape : {Shape{1, 1, 1}, Shape{8, 48, 16}, Shape{7, 47, 5}, Shape{9, 65, 33},
                               Shape{17, 100, 130}, Shape{3, 16, 1}, Shape{5, 31, 64}}) {
      for (Op op : {Op::kAsIs, Op::kTransposed}) {
        for (bool adds : {false, true}) {
          ExpectBruteForce<float>(shape, op, adds, kFloatTolerance);
          ExpectBruteForce<double>(shape, op, adds, 1e-12);
        }
      }
    }
  });
}

TEST(PackedProduct, WithoutRowsDoesNothing) {
  AlignedBuffer<float> packed(PackedElements<float>(3, 3));
  Pack<float>(Op::kAsIs, 3, 3, Random<float>(9, 1).data(), 3, packed.data());
  MultiplyPacked<float>(0, 3, 3, nullptr, 3, packed.data(), false, nullptr, 3);
}

TEST(PackedProduct, BitsOfARowDoNotDependOnTheRowsBesideIt) {
  constexpr Index kRows = 21, n = 70, k = 40;
  ForEachIsa([](Isa) {
    const auto a = Random<float>(kRows * k, 1), b = Random<float>(k * n, 2);
    AlignedBuffer<float> packed(PackedElements<float>(k, n)), all(kRows * n), one(n);
    Pack(Op::kAsIs, k, n, b.data(), n, packed.data());
    MultiplyPacked(kRows, n, k, a.data(), k, packed.data(), false, all.data(), n);
    for (Index i = 0; i < kRows; ++i) {
      MultiplyPacked(1, n, k, a.data() + i * k, k, packed.data(), false, one.data(), n);
      for (Index j = 0; j < n; ++j) ASSERT_EQ(one[j], all[i * n + j]) << i << ", " << j;
    }
  });
}

}  // namespace
}  // namespace lockstep
