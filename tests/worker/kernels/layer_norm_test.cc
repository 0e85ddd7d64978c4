// Layer normalisation of single rows, on every instruction set of the machine. Expected values are
// the formulas of layer_norm.h, written out in double.
#include "worker/kernels/layer_norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/counter_rng.h"
#include "tests/worker/kernels/each_isa.h"

namespace lockstep {
namespace {

// A row of normal numbers with mean 0.5, its gain and the gradient of its result.
template <typename S>
struct Row {
  explicit Row(Index count) {
    const CounterRng rng(3, RandomPurpose::kTest);
    for (Index i = 0; i < count; ++i) {
      const auto draw = [&](Index which) {
        return static_cast<S>(rng.Normal(static_cast<std::uint64_t>(3 * i + which)));
      };
      x.push_back(draw(0) + S(0.5));
      gain.push_back(draw(1));
      d_y.push_back(draw(2));
    }
    normed = x;
    y.assign(x.size(), 7);
    d_x.assign(x.size(), 7);
    d_gain.assign(x.size(), 7);
  }
  NormGroup<S> Group() {
    const auto count = static_cast<Index>(x.size());
    return {1, count, normed.data(), count, &scale, 1, gain.data()};
  }
  void Run() {
    NormaliseForward(Group(), false, y.data(), 0);
    NormaliseBackward(Group(), d_y.data(), 0, d_gain.data(), d_x.data(), 0);
  }

  std::vector<S> x, gain, d_y, normed, y, d_x, d_gain;
  S scale = 0;
};

template <typename S>
void ExpectFormulas(Index count, double tolerance) {
  Row<S> row(count);
  row.Run();
  double mean = 0, squares = 0, g_mean = 0, slope = 0;
  const auto n = static_cast<double>(count);
  for (const S value : row.x) mean += static_cast<double>(value) / n;
  for (const S value : row.x) squares += std::pow(static_cast<double>(value) - mean, 2) / n;
  const double scale = 1 / std::sqrt(squares + 1e-5);
  const auto normed = [&](std::size_t i) { return (static_cast<double>(row.x[i]) - mean) * scale; };
  const auto g = [&](std::size_t i) { return static_cast<double>(row.gain[i] * row.d_y[i]); };
  for (std::size_t i = 0; i < row.x.size(); ++i) {
    g_mean += g(i) / n;
    slope += g(i) * normed(i) / n;
  }
  for (std::size_t i = 0; i < row.x.size(); ++i) {
    EXPECT_NEAR(row.normed[i], normed(i), tolerance);
    EXPECT_NEAR(row.y[i], static_cast<double>(row.gain[i]) * normed(i), 10 * tolerance);
    EXPECT_NEAR(row.d_gain[i], 7 + static_cast<double>(row.d_y[i]) * normed(i), 10 * tolerance);
    EXPECT_NEAR(row.d_x[i], scale * (g(i) - g_mean - normed(i) * slope), 30 * tolerance);
  }
}

TEST(LayerNorm, FollowsItsFormulasForAnyWidth) {
  ForEachIsa([](Isa) {
    for (const Index count : {2, 3, 15, 16, 17, 40, 1000}) {
      ExpectFormulas<float>(count, 2e-6);
      ExpectFormulas<double>(count, 1e-13);
    }
  });
}

// Neither sums nor products depend on the width of a vector or on fused multiply-add.
TEST(LayerNorm, GivesTheSameBitsOnEachInstructionSet) {
  std::vector<std::vector<float>> results;
  ForEachIsa([&](Isa) {
    Row<float> row(77);
    row.Run();
    results.push_back(row.y);
    results.back().insert(results.back().end(), row.d_x.begin(), row.d_x.end());
    results.back().insert(results.back().end(), row.d_gain.begin(), row.d_gain.end());
    EXPECT_EQ(results.back(), results.front());
  });
}

TEST(LayerNorm, GivesZeroForARowOfEqualNumbers) {
  Row<float> row(20);
  row.normed.assign(20, 0.75f);
  row.Run();
  for (const float value : row.y) EXPECT_EQ(value, 0);
  for (const float value : row.d_x) EXPECT_TRUE(std::isfinite(value));
}

TEST(LayerNorm, LetsNotANumberThrough) {
  Row<float> row(20);
  row.normed[13] = std::nanf("");
  row.Run();
  for (const float value : row.y) EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace lockstep
