#include "trainer/step/parameter_choice.h"

#include <gtest/gtest.h>

#include "base/counter_rng.h"
#include "tests/support/expect_error.h"
#include "worker/comm/subtree_sum.h"

namespace lockstep {
namespace {

constexpr Index kGrain = 16;

ParameterLayout SmallLayout() {
  ParameterLayout layout;
  layout.Add("embedding.weight", {5, 8}, {});
  layout.Add("rnn.weight_ih_l0", {9, 7}, {});
  layout.Add("rnn.weight_ih_l1", {4, 4}, {});
  layout.Add("head.weight", {3, 5}, {});
  return layout;
}

using Flags = std::vector<bool>;

TEST(ParameterChoice, PatternsNameParameters) {
  const ParameterLayout layout = SmallLayout();
  EXPECT_EQ(ChooseParameters("key", "*", layout), (Flags{true, true, true, true}));
  EXPECT_EQ(ChooseParameters("key", " rnn.*_l0 , head.weight", layout),
            (Flags{false, true, false, true}));
  EXPECT_EQ(ChooseParameters("key", "rnn.weight_ih_l?", layout), (Flags{false, true, true, false}));
}

TEST(ParameterChoice, APatternThatNamesNothingIsRefused) {
  const ParameterLayout layout = SmallLayout();
  ExpectError(ExitCode::kUsage,
              "key: no parameter of the model has the name \"rn.*\"; they are emb",
              [&] { ChooseParameters("key", "rnn.*,rn.*", layout); });
  ExpectError(ExitCode::kUsage, "has the name \"\"",
              [&] { ChooseParameters("key", "rnn.*,", layout); });
}

TEST(ParameterChoice, SomethingMustBeLeftToTrain) {
  const ParameterLayout layout = SmallLayout();
  EXPECT_EQ(FrozenParameters("", layout), Flags(4, false));
  ExpectError(ExitCode::kUsage, "which names all parameters",
              [&] { FrozenParameters("embedding.*, rnn.*, head.*", layout); });
}

// The reference sets frozen gradients to zero and takes the squares of every block.
TEST(FreeSquaresTest, AreThoseOfAGradientWithZerosInFrozenPlaces) {
  const ParameterLayout layout = SmallLayout();
  const Flags frozen = ChooseParameters("key", "embedding.*,rnn.*_l1", layout);
  std::vector<float> gradient, zeroed;
  const CounterRng draw(1, RandomPurpose::kTest, 0);
  for (Index i = 0; i < layout.size(); ++i)
    gradient.push_back(static_cast<float>(draw.Normal(static_cast<std::uint64_t>(i))));
  zeroed = gradient;
  for (std::size_t p = 0; p < frozen.size(); ++p) {
    const ParameterInfo& info = layout.infos()[p];
    if (frozen[p]) std::fill_n(zeroed.begin() + info.offset, info.count(), 0.0f);
  }
  gradient[3] = std::numeric_limits<float>::quiet_NaN();  // of the embedding
  std::vector<double> squares, expected;
  for (Index i = 0; i < layout.size(); i += kGrain) {
    squares.push_back(BlockSquares(gradient.data() + i, kGrain));
    expected.push_back(BlockSquares(zeroed.data() + i, kGrain));
  }
  for (const int ranks : {1, 3}) {
    const PiecePlan plan({{0, layout.size()}}, layout.size(), ranks,
                         {.grain = kGrain, .most_per_rank = 64, .least = 16});
    std::vector<double> found(squares.size());
    for (int rank = 0; rank < ranks; ++rank) {
      FreeSquares free(frozen, layout, plan, rank);
      const std::span<const double> of_rank = free.Of(gradient.data(), squares);
      for (const Piece& piece : plan.pieces())
        for (Index i = piece.OwnedBy(rank).begin; i < piece.OwnedBy(rank).end; i += kGrain)
          found[static_cast<std::size_t>(i / kGrain)] =
              of_rank[static_cast<std::size_t>(i / kGrain)];
    }
    EXPECT_EQ(found, expected) << ranks;
  }
}

TEST(FreeSquaresTest, NothingFrozenLeavesTheSquaresAlone) {
  const ParameterLayout layout = SmallLayout();
  const PiecePlan plan({{0, layout.size()}}, layout.size(), 1, {.grain = kGrain});
  FreeSquares free(Flags(4, false), layout, plan, 0);
  const std::vector<double> squares(static_cast<std::size_t>(layout.size() / kGrain), 2.5);
  EXPECT_EQ(free.Of(nullptr, squares).data(), squares.data());
}

}  // namespace
}  // namespace lockstep
