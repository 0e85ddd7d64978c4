// The look-ahead convolution against a sum written out for each sequence by itself, and its
// gradient against finite differences.
#include "worker/layers/look_ahead.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/counter_rng.h"
#include "tests/support/expect_error.h"
#include "tests/support/gradient_check.h"

namespace lockstep {
namespace {

constexpr double kGradientTolerance = 1e-7;  // what central differences in double leave
constexpr double kFloatTolerance = 1e-6;     // sums of at most five products of numbers below 1
constexpr Index kWidth = 19;                 // no multiple of a vector

template <typename S>
struct Harness {
  Harness(Index steps, const std::vector<Index>& lengths)
      : layer(steps, kWidth, 0, &parameters),
        rows(lengths),
        values(parameters.size()),
        gradient(parameters.size()) {
    h = Drawn(rows.rows() * kWidth, 1);
    d_y = Drawn(rows.rows() * kWidth, 2);
    const AlignedBuffer<S> weights = Drawn(parameters.size(), 3);
    std::copy_n(weights.data(), layer.Elements().count(), values.data());
  }
  static AlignedBuffer<S> Drawn(Index count, std::uint64_t array) {
    const CounterRng rng(1, RandomPurpose::kTest, array);
    AlignedBuffer<S> drawn(count);
    for (Index i = 0; i < count; ++i) {
      drawn[i] = static_cast<S>(2 * rng.Uniform(static_cast<std::uint64_t>(i)) - 1);
    }
    return drawn;
  }
  std::vector<S> Forward() const {
    std::vector<S> y(static_cast<std::size_t>(rows.rows() * kWidth));
    layer.Forward(rows, h.data(), values.data(), y.data());
    return y;
  }
  double Loss() const {
    const std::vector<S> y = Forward();
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      sum += static_cast<double>(y[i] * d_y[static_cast<Index>(i)]);
    }
    return sum;
  }
  // y[t] of sequence b, column by column, from the formula.
  double Sum(Index b, Index t, Index column) const {
    double sum = 0;
    for (Index j = 0; j <= layer.steps() && t + j < rows.Length(b); ++j) {
      sum += static_cast<double>(values[j * kWidth + column]) *
             static_cast<double>(h[rows.Row(t + j, b) * kWidth + column]);
    }
    return sum;
  }

  ParameterLayout parameters;
  LookAhead<S> layer;
  PackedLayout rows;
  AlignedBuffer<S> values, gradient, h, d_y;
};

// Sequences shorter than the look-ahead, as long as it, of one step, and longer.
const std::vector<std::vector<Index>> kLengths = {{9, 9, 5, 4, 3, 1, 1}, {1}, {2, 1}, {6}};

TEST(LookAhead, IsTheSumOfItsFormulaAndEndsWithEachSequence) {
  for (const Index steps : {1, 4}) {
    for (const std::vector<Index>& lengths : kLengths) {
      const Harness<float> harness(steps, lengths);
      const std::vector<float> y = harness.Forward();
      for (Index b = 0; b < harness.rows.sequences(); ++b) {
        for (Index t = 0; t < harness.rows.Length(b); ++t) {
          for (Index column = 0; column < kWidth; ++column) {
            const auto at = static_cast<std::size_t>(harness.rows.Row(t, b) * kWidth + column);
            EXPECT_NEAR(y[at], harness.Sum(b, t, column), kFloatTolerance) << b << " " << t;
          }
        }
      }
    }
  }
}

TEST(LookAhead, GradientsAgreeWithFiniteDifferences) {
  for (const Index steps : {1, 4}) {
    for (const std::vector<Index>& lengths : kLengths) {
      Harness<double> harness(steps, lengths);
      AlignedBuffer<double> d_h(harness.d_y.size());
      std::copy_n(harness.d_y.data(), d_h.size(), d_h.data());
      harness.layer.Backward(harness.rows, harness.h.data(), harness.values.data(), d_h.data(),
                             harness.gradient.data());
      const auto loss = [&] { return harness.Loss(); };
      const GradientCheck of_h = CheckGradient(loss, harness.h.span(), d_h.span());
      EXPECT_LE(of_h.worst_error, kGradientTolerance) << of_h;
      const GradientCheck of_weight =
          CheckGradient(loss, harness.values.span(), harness.gradient.span());
      EXPECT_LE(of_weight.worst_error, kGradientTolerance) << of_weight;
    }
  }
}

TEST(LookAhead, BeginsAsTheIdentity) {
  Harness<float> harness(3, {5, 2});
  InitialiseParameters<float>(harness.parameters, 1, harness.values.span());
  const std::vector<float> y = harness.Forward();
  EXPECT_EQ(std::memcmp(y.data(), harness.h.data(), y.size() * sizeof(float)), 0);
}

TEST(LookAhead, ReadsOneNumberOrOneForEachLayer) {
  EXPECT_THAT(LookAheadFromText("4"), testing::ElementsAre(4));
  EXPECT_THAT(LookAheadFromText("3, 0,100"), testing::ElementsAre(3, 0, 100));
  EXPECT_EQ(LookAheadText({3, 0, 100}), "3,0,100");
  for (const char* text : {"", "x", "-1", "101", "3,", "3;4", "1.5"}) {
    ExpectError(ExitCode::kUsage, "whole numbers from 0 to 100", [&] { LookAheadFromText(text); });
  }
}

}  // namespace
}  // namespace lockstep
