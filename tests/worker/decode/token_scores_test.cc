#include "worker/decode/token_scores.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/counter_rng.h"

namespace lockstep {
namespace {

std::vector<float> Logits(Index rows, Index classes, std::uint64_t seed) {
  const CounterRng rng(seed, RandomPurpose::kTest);
  std::vector<float> logits;
  for (Index i = 0; i < rows * classes; ++i)
    logits.push_back(static_cast<float>(3 * rng.Normal(static_cast<std::uint64_t>(i))));
  return logits;
}

// log softmax by its definition, in double.
std::vector<double> LogSoftmax(std::span<const float> row) {
  double sum = 0;
  for (const float x : row) sum += std::exp(static_cast<double>(x));
  std::vector<double> logs;
  for (const float x : row) logs.push_back(static_cast<double>(x) - std::log(sum));
  return logs;
}

void ExpectBlocks(const TokenScores& scores, Index row, const std::vector<double>& expected) {
  TokenScores::Block block;
  for (Index first = 0; first < scores.classes(); first += TokenScores::kBlock) {
    scores.Take(row, first, &block);
    ASSERT_EQ(block.count, std::min(TokenScores::kBlock, scores.classes() - first));
    double largest = block.log_probabilities[0];
    for (Index i = 0; i < block.count; ++i) {
      const double found = block.log_probabilities[static_cast<std::size_t>(i)];
      // Sums of exponentials are in float.
      EXPECT_NEAR(found, expected[static_cast<std::size_t>(first + i)], 2e-5) << first + i;
      largest = std::max(largest, found);
    }
    EXPECT_EQ(block.largest, largest);
  }
}

TEST(TokenScores, AreTheLogarithmsOfASoftmaxInBlocks) {
  for (const Index classes : {1, 7, 16, 127, 128, 129, 1000}) {
    const std::vector<float> logits = Logits(3, classes, 1);
    TokenScores scores(classes);
    scores.Add(logits, 1);
    for (Index row = 0; row < 3; ++row) {
      ExpectBlocks(scores, row,
                   LogSoftmax(std::span(logits).subspan(static_cast<std::size_t>(row * classes),
                                                        static_cast<std::size_t>(classes))));
    }
  }
}

TEST(TokenScores, OfSeveralModelsAreTheirMean) {
  constexpr Index kClasses = 200;
  const std::vector<float> a = Logits(1, kClasses, 1), b = Logits(1, kClasses, 2);
  TokenScores scores(kClasses);
  scores.Add(a, 0.5);
  scores.Clear();
  scores.Add(a, 0.5);
  scores.Add(b, 0.5);
  std::vector<double> mean = LogSoftmax(a);
  const std::vector<double> other = LogSoftmax(b);
  for (std::size_t i = 0; i < mean.size(); ++i) mean[i] = 0.5 * (mean[i] + other[i]);
  ExpectBlocks(scores, 0, mean);
}

TEST(TokenScores, IdsThatCannotComeHaveNoProbability) {
  std::vector<float> logits(130, -std::numeric_limits<float>::infinity());
  logits[129] = 2;
  TokenScores scores(130);
  scores.Add(logits, 1);
  TokenScores::Block block;
  scores.Take(0, 0, &block);
  EXPECT_EQ(block.largest, -std::numeric_limits<double>::infinity());
  scores.Take(0, 128, &block);
  EXPECT_EQ(block.largest, 0);
}

}  // namespace
}  // namespace lockstep
