#include "worker/kernels/additive_score.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/counter_rng.h"
#include "tests/support/gradient_check.h"
#include "tests/worker/kernels/each_isa.h"

namespace lockstep {
namespace {

constexpr Index kQueries = 3, kSteps = 4;

template <typename S>
std::vector<S> Draw(Index count, std::uint64_t seed) {
  const CounterRng rng(seed, RandomPurpose::kTest);
  std::vector<S> values;
  for (Index i = 0; i < count; ++i) {
    values.push_back(static_cast<S>(rng.Normal(static_cast<std::uint64_t>(i))));
  }
  return values;
}

// Queries stand in rows that are wider than they are.
template <typename S>
struct Pairs {
  explicit Pairs(Index columns)
      : width(columns),
        q(Draw<S>(kQueries * (columns + 2), 1)),
        k(Draw<S>(kSteps * columns, 2)),
        v(Draw<S>(columns, 3)) {}
  AdditivePairs<S> View() const {
    return {kQueries, kSteps, width, q.data(), width + 2, k.data(), v.data()};
  }
  std::vector<S> Scores() const {
    std::vector<S> scores(kQueries * kSteps);
    AdditiveScores(View(), scores.data());
    return scores;
  }
  double Expected(Index t, Index s) const {
    double sum = 0;
    for (Index j = 0; j < width; ++j) {
      const auto at = [j](const std::vector<S>& values, Index first) {
        return static_cast<double>(values[static_cast<std::size_t>(first + j)]);
      };
      sum += at(v, 0) * std::tanh(at(q, t * (width + 2)) + at(k, s * width));
    }
    return sum;
  }

  Index width;
  std::vector<S> q, k, v;
};

TEST(AdditiveScores, AreTheSumsWrittenOut) {
  ForEachIsa([](Isa) {
    for (const Index width : {1, 7, 16, 50}) {
      const Pairs<float> pairs(width);
      const std::vector<float> scores = pairs.Scores();
      for (Index t = 0; t < kQueries; ++t) {
        for (Index s = 0; s < kSteps; ++s) {
          EXPECT_NEAR(scores[static_cast<std::size_t>(t * kSteps + s)], pairs.Expected(t, s), 2e-5);
        }
      }
    }
  });
}

// The sets with fused multiply-add, which machines that train together may have.
TEST(AdditiveScores, HaveTheSameBitsWithAvx2AndAvx512) {
  std::vector<float> of_avx2;
  ForEachIsa([&](Isa isa) {
    const std::vector<float> scores = Pairs<float>(37).Scores();
    if (isa == Isa::kAvx2) of_avx2 = scores;
    if (isa == Isa::kAvx512) {
      EXPECT_EQ(scores, of_avx2);
    }
  });
}

TEST(AdditiveScores, GradientsAgreeWithFiniteDifferences) {
  ForEachIsa([](Isa) {
    for (const Index width : {1, 5, 16}) {
      Pairs<double> pairs(width);
      const std::vector<double> d_scores = Draw<double>(kQueries * kSteps, 4);
      const auto loss = [&] {
        const std::vector<double> scores = pairs.Scores();
        double sum = 0;
        for (std::size_t i = 0; i < scores.size(); ++i) sum += scores[i] * d_scores[i];
        return sum;
      };
      std::vector<double> d_q(pairs.q.size()), d_k(pairs.k.size()), d_v(pairs.v.size());
      AdditiveScoresBackward(pairs.View(), d_scores.data(), d_q.data(), width + 2, d_k.data(),
                             d_v.data());
      EXPECT_LE(CheckGradient(loss, pairs.q, d_q).worst_error, 1e-7);
      EXPECT_LE(CheckGradient(loss, pairs.k, d_k).worst_error, 1e-7);
      EXPECT_LE(CheckGradient(loss, pairs.v, d_v).worst_error, 1e-7);
    }
  });
}

}  // namespace
}  // namespace lockstep
