// The GEMM seam against plain loops and Eigen in double.
#include "worker/kernels/gemm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <thread>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/counter_rng.h"
#include "base/error.h"
#include "base/thread_team.h"
#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

// A matrix as stored: `gap` unused elements, not numbers, end each row.
template <typename S>
struct Stored {
  Stored(Index stored_rows, Index stored_cols, Index gap, std::uint64_t seed)
      : rows(stored_rows), cols(stored_cols), stride(stored_cols + gap), values(rows * stride) {
    const CounterRng rng(seed, RandomPurpose::kTest);
    std::fill_n(values.data(), values.size(), std::numeric_limits<S>::quiet_NaN());
    for (Index i = 0; i < rows * cols; ++i) {
      at(i / cols, i % cols) = static_cast<S>(rng.Normal(static_cast<std::uint64_t>(i)));
    }
  }
  S& at(Index r, Index c) { return values[r * stride + c]; }
  Eigen::MatrixXd Wide(Op op = Op::kAsIs) const {
    const ConstMatrixMap<S> map(values.data(), rows, cols, Eigen::OuterStride<>(stride));
    const Eigen::MatrixXd wide = map.template cast<double>();
    return op == Op::kAsIs ? wide : Eigen::MatrixXd(wide.transpose());
  }

  Index rows, cols, stride;
  AlignedBuffer<S> values;
};

struct Shape {
  Index m, n, k, gap;
};

template <typename S>
class Product {
 public:
  Product(Op op_a, Op op_b, Shape shape)
      : op_a_(op_a),
        op_b_(op_b),
        shape_(shape),
        a_(op_a == Op::kAsIs ? shape.m : shape.k, op_a == Op::kAsIs ? shape.k : shape.m, shape.gap,
           1),
        b_(op_b == Op::kAsIs ? shape.k : shape.n, op_b == Op::kAsIs ? shape.n : shape.k, shape.gap,
           2),
        c_(shape.m, shape.n, shape.gap, 3) {}

  // Each element within the bound of Higham 2002, section 3.5: k roundings of the absolute sum.
  void ExpectExact(S beta) {
    if (beta == 0) std::fill_n(c_.values.data(), c_.values.size(), kNan);
    const Eigen::MatrixXd a = a_.Wide(op_a_), b = b_.Wide(op_b_);
    Eigen::MatrixXd exact = a * b, bound = a.cwiseAbs() * b.cwiseAbs();
    if (beta != 0) exact += static_cast<double>(beta) * c_.Wide();
    if (beta != 0) bound += c_.Wide().cwiseAbs();
    Gemm(op_a_, op_b_, shape_.m, shape_.n, shape_.k, a_.values.data(), a_.stride, b_.values.data(),
         b_.stride, beta, c_.values.data(), c_.stride);
    const double share = static_cast<double>(shape_.k + 2) * std::numeric_limits<S>::epsilon();
    EXPECT_TRUE(((c_.Wide() - exact).array().abs() <= share * bound.array()).all());
    ExpectGapsUntouched();
  }

 private:
  static constexpr S kNan = std::numeric_limits<S>::quiet_NaN();

  void ExpectGapsUntouched() {
    for (Index r = 0; r < c_.rows; ++r) {
      for (Index c = c_.cols; c < c_.stride; ++c) EXPECT_TRUE(std::isnan(c_.at(r, c)));
    }
  }

  Op op_a_, op_b_;
  Shape shape_;
  Stored<S> a_, b_, c_;
};

class GemmOf : public testing::TestWithParam<std::tuple<Op, Op>> {
 protected:
  template <typename S>
  void ExpectExact() {
    const auto [op_a, op_b] = GetParam();
    for (const Shape& shape : kShapes) {
      for (S beta : {S(0), S(1), S(0.5)}) {
        SCOPED_TRACE(fmt::format("m {} n {} k {} gap {} beta {}", shape.m, shape.n, shape.k,
                                 shape.gap, static_cast<double>(beta)));
        Product<S>(op_a, op_b, shape).ExpectExact(beta);
      }
    }
  }

 private:
  static constexpr Shape kShapes[] = {{1, 1, 1, 0},    {2, 3, 5, 0},    {7, 1, 3, 2},
                                      {1, 17, 9, 1},   {5, 4, 0, 3},    {33, 31, 65, 0},
                                      {64, 48, 32, 5}, {3, 129, 67, 3}, {101, 103, 107, 1}};
};

INSTANTIATE_TEST_SUITE_P(Transpositions, GemmOf,
                         testing::Combine(testing::Values(Op::kAsIs, Op::kTransposed),
                                          testing::Values(Op::kAsIs, Op::kTransposed)));

TEST_P(GemmOf, IsTheExactProductUpToRoundingInFloat) {
  PrepareKernelThread();
  ExpectExact<float>();
}
TEST_P(GemmOf, IsTheExactProductUpToRoundingInDouble) { ExpectExact<double>(); }

TEST(Gemm, OfNoRowsDoesNothing) {
  const float a = 1, b = 2;
  float c = 3;
  Gemm<float>(Op::kAsIs, Op::kAsIs, 0, 1, 1, &a, 1, &b, 1, 0, &c, 1);
  Gemm<float>(Op::kAsIs, Op::kAsIs, 1, 0, 1, &a, 1, &b, 1, 0, &c, 1);
  EXPECT_EQ(c, 3);
}

TEST(Gemm, IsTrulyPlainLoopsInDouble) {
  Stored<double> a(4, 3, 1, 1), b(3, 2, 1, 2);
  double c[8] = {};
  Gemm(Op::kAsIs, Op::kAsIs, 4, 2, 3, a.values.data(), a.stride, b.values.data(), b.stride, 0.0, c,
       2);
  for (Index i = 0; i < 4; ++i) {
    for (Index j = 0; j < 2; ++j) {
      const double sum =
          a.at(i, 0) * b.at(0, j) + a.at(i, 1) * b.at(1, j) + a.at(i, 2) * b.at(2, j);
      EXPECT_NEAR(c[i * 2 + j], sum, 1e-15);
    }
  }
}

// The product of one pair of matrices that start `shift` elements after a 64-byte border.
std::vector<float> ShiftedProduct(Op op_a, Op op_b, Shape s, Index shift) {
  const auto place = [shift](const Stored<float>& matrix) {
    AlignedBuffer<float> moved(matrix.values.size() + shift);
    std::copy_n(matrix.values.data(), matrix.values.size(), moved.data() + shift);
    return moved;
  };
  const Stored<float> a(op_a == Op::kAsIs ? s.m : s.k, op_a == Op::kAsIs ? s.k : s.m, s.gap, 1);
  const Stored<float> b(op_b == Op::kAsIs ? s.k : s.n, op_b == Op::kAsIs ? s.n : s.k, s.gap, 2);
  const AlignedBuffer<float> moved_a = place(a), moved_b = place(b);
  AlignedBuffer<float> c(s.m * s.n + shift);
  Gemm(op_a, op_b, s.m, s.n, s.k, moved_a.data() + shift, a.stride, moved_b.data() + shift,
       b.stride, 0.0f, c.data() + shift, s.n);
  return {c.data() + shift, c.data() + c.size()};
}

constexpr Shape kRecurrentShapes[] = {
    {8, 96, 32, 0}, {31, 51, 17, 0}, {64, 384, 128, 0}, {1, 256, 64, 0}, {37, 129, 301, 3}};

TEST_P(GemmOf, GivesTheSameBitsAtEveryAlignment) {
  PrepareKernelThread();
  const auto [op_a, op_b] = GetParam();
  for (const Shape& shape : kRecurrentShapes) {
    const std::vector<float> expected = ShiftedProduct(op_a, op_b, shape, 0);
    for (Index shift : {1, 3, 4, 8}) {
      EXPECT_EQ(ShiftedProduct(op_a, op_b, shape, shift), expected)
          << "m " << shape.m << " n " << shape.n << " k " << shape.k << " shift " << shift;
    }
  }
}

TEST_P(GemmOf, GivesTheSameBitsOnEveryThreadOfATeam) {
  const auto [op_a, op_b] = GetParam();
  for (const Shape& shape : kRecurrentShapes) {
    ThreadTeam team(3, PrepareKernelThread);
    std::vector<std::vector<float>> products(3);
    team.Run([&, op_a = op_a, op_b = op_b](int member) {
      products[static_cast<std::size_t>(member)] = ShiftedProduct(op_a, op_b, shape, 0);
    });
    EXPECT_EQ(products[0], products[1]);
    EXPECT_EQ(products[0], products[2]);
  }
}

Index ThreadsOfTheProcess() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

TEST(Gemm, StartsNoThreadsOnAThreadThatWasPrepared) {
  // A new thread has no team of OpenMP threads yet.
  std::thread([] {
    PrepareKernelThread();
    const Index before = ThreadsOfTheProcess();
    ShiftedProduct(Op::kAsIs, Op::kAsIs, {512, 512, 512, 0}, 0);
    EXPECT_EQ(ThreadsOfTheProcess(), before);
  }).join();
}

}  // namespace
}  // namespace lockstep
