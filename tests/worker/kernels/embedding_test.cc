#include "worker/kernels/embedding.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "tests/support/gradient_check.h"

namespace lockstep {
namespace {

constexpr Index kWidth = 5;
constexpr Index kSymbols = 4;
// Symbol 0 three times, 2 never.
const std::vector<std::int32_t> kText{0, 3, 1, 0, 0, 3};

TEST(Embedding, CopiesTheRowOfEachSymbol) {
  std::vector<float> table(kSymbols * kWidth);
  std::iota(table.begin(), table.end(), 0.0f);
  std::vector<float> out(kText.size() * kWidth);
  EmbeddingForward(std::span(kText), kWidth, table.data(), out.data());
  for (std::size_t row = 0; row < kText.size(); ++row) {
    for (std::size_t e = 0; e < kWidth; ++e) {
      EXPECT_EQ(out[row * kWidth + e], static_cast<float>(kText[row] * kWidth) + e);
    }
  }
}

TEST(Embedding, HasTheGradientOfFiniteDifferences) {
  std::vector<double> table(kSymbols * kWidth, 0.5), d_out(kText.size() * kWidth);
  for (std::size_t i = 0; i < d_out.size(); ++i) d_out[i] = std::sin(static_cast<double>(i + 1));
  const auto loss = [&] {
    std::vector<double> out(d_out.size());
    EmbeddingForward(std::span(kText), kWidth, table.data(), out.data());
    return std::inner_product(out.begin(), out.end(), d_out.begin(), 0.0);
  };
  std::vector<double> d_table(table.size());
  EmbeddingBackward(std::span(kText), kWidth, d_out.data(), d_table.data());
  const GradientCheck check = CheckGradient(loss, table, d_table);
  EXPECT_LE(check.worst_error, 1e-7) << check;
}

TEST(Embedding, AddsToTheGradientAndOnlyToSymbolsOfTheText) {
  std::vector<float> d_out(kText.size() * kWidth, 1), d_table(kSymbols * kWidth, 100);
  EmbeddingBackward(std::span(kText), kWidth, d_out.data(), d_table.data());
  const float expected[] = {103, 101, 100, 102};
  for (std::size_t i = 0; i < d_table.size(); ++i) EXPECT_EQ(d_table[i], expected[i / kWidth]);
}

}  // namespace
}  // namespace lockstep
