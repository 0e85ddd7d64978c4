// A recurrent layer gives the same bits however its work is cut and whatever is kept between its
// passes: strips and blocks of time, gates that are computed again, outputs alone, weights that
// were packed before.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/worker/layers/layer_harness.h"

namespace lockstep {
namespace {

class RecurrentLayerBits : public testing::TestWithParam<CellKind> {};
INSTANTIATE_TEST_SUITE_P(Cells, RecurrentLayerBits, testing::ValuesIn(kAllCells),
                         [](const auto& cell) { return CellName(cell.param); });

// Alone, a sequence is walked in strips and blocks of other lengths than among others.
TEST_P(RecurrentLayerBits, GivesASequenceTheSameBitsWhereverItsStripsEnd) {
  const RecurrentShape shape{
      .cell = GetParam(), .input_size = 40, .hidden_size = 64, .directions = 2};
  LayerHarness<float> together(shape, LengthsOverBlocks());
  together.Forward();
  together.Backward();
  for (Index b : {0, 11}) {
    LayerHarness<float> alone(shape, {together.rows.Length(b)});
    const auto for_rows = [&](const AlignedBuffer<float>& all, AlignedBuffer<float>* one,
                              const auto& use) {
      const Index width = all.size() / together.rows.rows();
      for (Index t = 0; t < alone.rows.steps(); ++t) {
        use(all.data() + together.rows.Row(t, b) * width, width, one->data() + t * width);
      }
    };
    const auto copy = [](const float* from, Index width, float* to) {
      std::copy_n(from, width, to);
    };
    for_rows(together.x, &alone.x, copy);
    for_rows(together.d_y, &alone.d_y, copy);
    alone.Forward();
    alone.Backward();
    const auto compare = [](const float* expected, Index width, const float* found) {
      EXPECT_EQ(std::memcmp(expected, found, static_cast<std::size_t>(width) * sizeof(float)), 0);
    };
    for_rows(together.y, &alone.y, compare);
    for_rows(together.d_x, &alone.d_x, compare);
  }
}

TEST_P(RecurrentLayerBits, GivesTheSameBitsWhenGatesAreComputedAgain) {
  for (const std::vector<Index>& lengths : {LengthsOverBlocks(), std::vector<Index>(9, 300)}) {
    RecurrentShape shape{.cell = GetParam(), .input_size = 40, .hidden_size = 67, .directions = 2};
    LayerHarness<float> kept(shape, lengths);
    shape.recompute = true;
    LayerHarness<float> again(shape, lengths);
    EXPECT_LT(again.workspace.capacity_bytes(), kept.workspace.capacity_bytes() * 6 / 10);
    for (LayerHarness<float>* harness : {&kept, &again}) {
      harness->Forward();
      harness->Backward();
    }
    EXPECT_EQ(
        std::memcmp(kept.gradient.data(), again.gradient.data(), kept.gradient.span().size_bytes()),
        0);
    EXPECT_EQ(std::memcmp(kept.d_x.data(), again.d_x.data(), kept.d_x.span().size_bytes()), 0);
  }
}

// A pass forward that keeps nothing for a backward pass gives the outputs of one that does. The
// batch has more rows than a block of time, its sequences end in several blocks, and weights are
// packed by the caller or by the layer.
TEST_P(RecurrentLayerBits, GivesTheSameBitsWhenNothingIsKept) {
  for (const Index directions : {1, 2}) {
    LayerHarness<float> harness(
        {.cell = GetParam(), .input_size = 3, .hidden_size = 18, .directions = directions},
        {150, 149, 70, 3, 1});
    harness.Forward();
    AlignedBuffer<float> expected(harness.y.size());
    std::ranges::copy(harness.y.span(), expected.data());
    Workspace weights(directions * harness.layer.PackedForwardBytes());
    std::vector<PackedDirection<float>> packed;
    for (Index d = 0; d < directions; ++d) {
      packed.push_back(harness.layer.PackForward(d, harness.values.data(), &weights));
    }
    for (const bool is_packed : {false, true}) {
      std::ranges::fill(harness.y.span(), 0.0F);
      harness.ForwardOnly(is_packed ? packed.data() : nullptr);
      EXPECT_EQ(0, std::memcmp(harness.y.data(), expected.data(), expected.span().size_bytes()));
    }
  }
}

// d_x is what the lowest layer of a model over features does not need.
TEST_P(RecurrentLayerBits, GivesTheSameGradientWithoutTheOneOfTheInput) {
  const RecurrentShape shape{
      .cell = GetParam(), .input_size = 40, .hidden_size = 67, .directions = 2};
  LayerHarness<float> with(shape, {4, 2}), without(shape, {4, 2});
  with.Forward();
  with.Backward();
  without.Forward();
  without.BackwardOfParameters();
  EXPECT_EQ(
      std::memcmp(with.gradient.data(), without.gradient.data(), with.gradient.span().size_bytes()),
      0);
}

}  // namespace
}  // namespace lockstep
