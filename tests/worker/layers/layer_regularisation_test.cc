// Dropped weights and zoneout of a recurrent layer: exact gradients with fixed masks for each cell,
// and masks with the properties that they promise. PyTorch: torch_regularised_test.py.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/support/gradient_check.h"
#include "tests/worker/layers/layer_harness.h"
#include "worker/kernels/dropout.h"

namespace lockstep {
namespace {

constexpr double kGradientTolerance = 1e-7;
constexpr DropoutKey kKey{7, 3, 2};
const std::vector<Index> kLengths = {5, 3, 3, 1};

class RegularisedLayer : public testing::TestWithParam<CellKind> {
 protected:
  RecurrentShape Shape(Index directions = 2) const {
    return {.cell = GetParam(), .input_size = 3, .hidden_size = 5, .directions = directions};
  }
  // All that the cell can have.
  RecurrentShape FullShape() const {
    RecurrentShape shape = Shape();
    shape.weight_dropout = 0.4;
    shape.zoneout = 0.3;
    shape.cell_zoneout = HasMemory(shape.cell) ? 0.5 : 0;
    return shape;
  }
};
INSTANTIATE_TEST_SUITE_P(Cells, RegularisedLayer,
                         testing::Values(CellKind::kRnnTanh, CellKind::kRnnRelu, CellKind::kGru,
                                         CellKind::kGruResetBefore, CellKind::kLstm,
                                         CellKind::kGruLn, CellKind::kLstmLn),
                         [](const auto& cell) { return CellName(cell.param); });

template <typename S>
LayerHarness<S> Trained(const RecurrentShape& shape, const DropoutKey& key = kKey,
                        const std::vector<Index>& lengths = kLengths) {
  LayerHarness<S> harness(shape, lengths);
  harness.key = key;
  harness.Forward();
  harness.Backward();
  return harness;
}

TEST_P(RegularisedLayer, HasTheGradientsOfFiniteDifferencesWithFixedMasks) {
  LayerHarness<double> harness = Trained<double>(FullShape());
  const auto loss = [&] { return harness.Loss(); };
  for (const ParameterInfo& info : harness.parameters.infos()) {
    const GradientCheck check =
        CheckGradient(loss, harness.Of(harness.values, info), harness.Of(harness.gradient, info),
                      WidthFor(GetParam()));
    EXPECT_LE(check.worst_error, kGradientTolerance) << info.name << " " << check;
  }
  const GradientCheck check =
      CheckGradient(loss, harness.x.span(), harness.d_x.span(), WidthFor(GetParam()));
  EXPECT_LE(check.worst_error, kGradientTolerance) << "x " << check;
}

TEST_P(RegularisedLayer, AddsToTheGradient) {
  LayerHarness<double> once = Trained<double>(FullShape()), twice = Trained<double>(FullShape());
  twice.Forward();
  twice.Backward();
  for (Index i = 0; i < once.gradient.size(); ++i) {
    EXPECT_NEAR(twice.gradient[i], 2 * once.gradient[i], 1e-12);
  }
}

TEST_P(RegularisedLayer, DropsTheSameWeightsInAllSlotsOfAStep) {
  RecurrentShape shape = Shape();
  shape.weight_dropout = 0.4;
  const LayerHarness<float> slot = Trained<float>(shape, {7, 3, 0}),
                            another = Trained<float>(shape, {7, 3, 5}),
                            later = Trained<float>(shape, {7, 4, 0});
  const std::size_t bytes = slot.y.span().size_bytes();
  EXPECT_EQ(std::memcmp(slot.y.data(), another.y.data(), bytes), 0);
  EXPECT_NE(std::memcmp(slot.y.data(), later.y.data(), bytes), 0);
}

TEST_P(RegularisedLayer, GivesDroppedWeightsNoGradient) {
  RecurrentShape shape = Shape(1);
  shape.hidden_size = 20;
  shape.weight_dropout = 0.4;
  const LayerHarness<double> harness = Trained<double>(shape);
  const std::span<double> d_weight = harness.Of(harness.gradient, harness.parameters.infos()[1]);
  std::vector<double> mask(d_weight.size(), 1.0);
  ApplyDropout(DropoutRng({kKey.seed, kKey.step, 0}, kWeightPlaces), 0.4,
               static_cast<Index>(mask.size()), mask.data());
  Index dropped = 0, learning = 0;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    dropped += mask[i] == 0;
    learning += d_weight[i] != 0;
    if (mask[i] != 0) continue;
    EXPECT_EQ(d_weight[i], 0) << "weight " << i;
  }
  EXPECT_NEAR(static_cast<double>(dropped) / static_cast<double>(mask.size()), 0.4, 0.1);
  EXPECT_GT(learning, 0);
}

TEST_P(RegularisedLayer, KeepsTheShareOfOutputsThatZoneoutIsGiven) {
  RecurrentShape shape = Shape(1);
  shape.hidden_size = 50;
  shape.zoneout = 0.3;
  const LayerHarness<double> harness = Trained<double>(shape, kKey, {40, 40});
  Index kept = 0;
  for (Index t = 1; t < 40; ++t) {
    for (Index i = 0; i < 100; ++i) {
      kept += harness.y[t * 100 + i] == harness.y[(t - 1) * 100 + i];
    }
  }
  // 3900 draws: four standard deviations are 0.03. A rectifier may also stay at zero.
  if (GetParam() != CellKind::kRnnRelu) {
    EXPECT_NEAR(static_cast<double>(kept) / 3900, 0.3, 0.03);
  }
}

// The state before the first step is zero, so there evaluation gives 1 - p of the plain output, and
// training either that output or zero.
TEST_P(RegularisedLayer, GivesTheExpectationOfZoneoutInEvaluation) {
  RecurrentShape shape = Shape(1);
  LayerHarness<double> plain(shape, {1, 1, 1});
  shape.zoneout = 0.25;
  LayerHarness<double> evaluated(shape, {1, 1, 1});
  plain.Forward();
  evaluated.Forward();
  const LayerHarness<double> trained = Trained<double>(shape, kKey, {1, 1, 1});
  for (Index i = 0; i < plain.y.size(); ++i) {
    EXPECT_DOUBLE_EQ(evaluated.y[i], 0.75 * plain.y[i]);
    EXPECT_TRUE(trained.y[i] == 0 || trained.y[i] == plain.y[i]);
  }
}

TEST_P(RegularisedLayer, DrawsZoneoutAnewForEachSlotStepAndDirection) {
  RecurrentShape shape = Shape();
  shape.zoneout = 0.5;
  const LayerHarness<float> slot = Trained<float>(shape, {7, 3, 0}),
                            another = Trained<float>(shape, {7, 3, 5}),
                            later = Trained<float>(shape, {7, 4, 0});
  const std::size_t bytes = slot.y.span().size_bytes();
  EXPECT_NE(std::memcmp(slot.y.data(), another.y.data(), bytes), 0);
  EXPECT_NE(std::memcmp(slot.y.data(), later.y.data(), bytes), 0);
}

// Without a key there is nothing to draw, and weights are whole.
TEST_P(RegularisedLayer, IsThePlainLayerInEvaluationButForZoneout) {
  RecurrentShape shape = Shape();
  LayerHarness<float> plain(shape, kLengths);
  shape.weight_dropout = 0.4;
  LayerHarness<float> evaluated(shape, kLengths);
  plain.Forward();
  evaluated.Forward();
  EXPECT_EQ(std::memcmp(plain.y.data(), evaluated.y.data(), plain.y.span().size_bytes()), 0);
}

}  // namespace
}  // namespace lockstep
