// A recurrent layer against finite differences, against itself in another precision, and at the
// edges of what a slot can be. What must not change its bits: recurrent_layer_bits_test.cc. Other
// implementations: gru_reset_before_test.cc, torch_parity_test.py.
#include "worker/layers/recurrent_layer.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/support/gradient_check.h"
#include "tests/worker/layers/layer_harness.h"
#include "tests/worker/losses/relative_distance.h"

namespace lockstep {
namespace {

constexpr double kGradientTolerance = 1e-7;
// Float has 6e-8 a rounding; products and steps add up to some tens of roundings.
constexpr double kFloatTolerance = 1e-5;

constexpr CellKind kPlainCells[] = {CellKind::kRnnTanh, CellKind::kRnnRelu, CellKind::kGru,
                                    CellKind::kGruResetBefore, CellKind::kLstm};
struct LayerCase {
  Index input_size, hidden_size, directions;
  std::vector<Index> lengths;
};

void PrintTo(const LayerCase& c, std::ostream* out) {
  *out << "I" << c.input_size << " H" << c.hidden_size << " D" << c.directions << " lengths";
  for (Index length : c.lengths) *out << " " << length;
}

class RecurrentLayerOf : public testing::TestWithParam<std::tuple<CellKind, LayerCase>> {
 protected:
  template <typename S>
  LayerHarness<S> Harness() const {
    const auto& [cell, c] = GetParam();
    return LayerHarness<S>({.cell = cell,
                            .input_size = c.input_size,
                            .hidden_size = c.hidden_size,
                            .directions = c.directions},
                           c.lengths);
  }
  void Expect(const GradientCheck& check, const std::string& name) {
    EXPECT_LE(check.worst_error, kGradientTolerance) << name << " " << check;
    worst_ = std::max(worst_, check.worst_error);
    RecordProperty("worst_relative_error", fmt::format("{:.1e}", worst_));
  }

  double worst_ = 0;
};

std::string CaseName(const testing::TestParamInfo<RecurrentLayerOf::ParamType>& info) {
  const auto& [cell, c] = info.param;
  std::string name =
      fmt::format("{}_I{}_H{}_D{}", CellName(cell), c.input_size, c.hidden_size, c.directions);
  for (Index length : c.lengths) name += fmt::format("_{}", length);
  return name;
}

// Hidden sizes below, at and above the 8 doubles of the widest vector.
const LayerCase kSmall[] = {
    {1, 1, 1, {1}},          {2, 1, 2, {3, 2, 1}}, {3, 3, 1, {4, 4, 4}}, {3, 3, 2, {4, 4}},
    {4, 5, 2, {5, 3, 3, 1}}, {2, 5, 1, {1, 1, 1}}, {2, 5, 2, {6}},       {1, 8, 1, {3, 1}},
    {3, 17, 1, {3, 2, 1}},   {2, 17, 2, {2, 1}},
};

INSTANTIATE_TEST_SUITE_P(Small, RecurrentLayerOf,
                         testing::Combine(testing::ValuesIn(kPlainCells),
                                          testing::ValuesIn(kSmall)),
                         CaseName);

// Not with one input or unit: normalised over one or two sums, or over multiples of one number, a
// product has only its sign left, whose derivative is all rounding.
const LayerCase kSmallNormalised[] = {
    {3, 3, 1, {4, 4, 4}}, {3, 3, 2, {4, 4}},     {4, 5, 2, {5, 3, 3, 1}}, {2, 5, 1, {1, 1, 1}},
    {2, 5, 2, {6}},       {3, 17, 1, {3, 2, 1}}, {2, 17, 2, {2, 1}},
};
INSTANTIATE_TEST_SUITE_P(Normalised, RecurrentLayerOf,
                         testing::Combine(testing::Values(CellKind::kGruLn, CellKind::kLstmLn),
                                          testing::ValuesIn(kSmallNormalised)),
                         CaseName);

TEST_P(RecurrentLayerOf, HasTheGradientsOfFiniteDifferences) {
  LayerHarness<double> harness = Harness<double>();
  const auto loss = [&] { return harness.Loss(); };
  harness.Forward();
  harness.Backward();
  const double width = WidthFor(std::get<0>(GetParam()));
  for (const ParameterInfo& info : harness.parameters.infos()) {
    Expect(CheckGradient(loss, harness.Of(harness.values, info), harness.Of(harness.gradient, info),
                         width),
           info.name);
  }
  Expect(CheckGradient(loss, harness.x.span(), harness.d_x.span(), width), "x");
}

TEST_P(RecurrentLayerOf, AddsToTheGradientAndSetsTheGradientOfTheInput) {
  LayerHarness<double> once = Harness<double>(), twice = Harness<double>();
  once.Forward();
  once.Backward();
  for (int i = 0; i < 2; ++i) {
    twice.Forward();
    twice.Backward();
  }
  // Doubling is exact but for the order of the sums.
  for (Index i = 0; i < once.gradient.size(); ++i) {
    EXPECT_NEAR(twice.gradient[i], 2 * once.gradient[i], 1e-13);
  }
  EXPECT_EQ(0, std::memcmp(twice.d_x.data(), once.d_x.data(), once.d_x.span().size_bytes()));
}

TEST_P(RecurrentLayerOf, GivesInFloatWhatItGivesInDouble) {
  LayerHarness<float> narrow = Harness<float>();
  LayerHarness<double> wide = Harness<double>();
  narrow.Forward();
  narrow.Backward();
  wide.Forward();
  wide.Backward();
  EXPECT_LE(RelativeDistance(narrow.y, wide.y), kFloatTolerance);
  EXPECT_LE(RelativeDistance(narrow.d_x, wide.d_x), kFloatTolerance);
  EXPECT_LE(RelativeDistance(narrow.gradient, wide.gradient), kFloatTolerance);
}

class RecurrentLayerWith : public testing::TestWithParam<CellKind> {
 protected:
  template <typename S>
  LayerHarness<S> Harness(const std::vector<Index>& lengths) const {
    return LayerHarness<S>(
        {.cell = GetParam(), .input_size = 40, .hidden_size = 67, .directions = 2}, lengths);
  }
};
INSTANTIATE_TEST_SUITE_P(Cells, RecurrentLayerWith, testing::ValuesIn(kAllCells),
                         [](const auto& cell) { return CellName(cell.param); });

TEST_P(RecurrentLayerWith, GivesInFloatWhatItGivesInDoubleOverManySteps) {
  LayerHarness<float> narrow = Harness<float>(LengthsOverBlocks());
  LayerHarness<double> wide = Harness<double>(LengthsOverBlocks());
  narrow.Forward();
  narrow.Backward();
  wide.Forward();
  wide.Backward();
  const double worst =
      std::max({RelativeDistance(narrow.y, wide.y), RelativeDistance(narrow.d_x, wide.d_x),
                RelativeDistance(narrow.gradient, wide.gradient)});
  EXPECT_LE(worst, kFloatTolerance);
  RecordProperty("worst_relative_error", fmt::format("{:.1e}", worst));
}

// A sequence does not see its neighbours: alone it gives what it gave among others, up to the order
// in which a product of another size adds.
TEST_P(RecurrentLayerWith, ComputesEachSequenceAsIfItWereAlone) {
  LayerHarness<double> together = Harness<double>({5, 3, 3, 1});
  together.Forward();
  for (Index b = 0; b < 4; ++b) {
    LayerHarness<double> alone = Harness<double>({together.rows.Length(b)});
    const auto copy_row = [&](Index t) {
      std::copy_n(together.x.data() + together.rows.Row(t, b) * 40, 40, alone.x.data() + t * 40);
    };
    for (Index t = 0; t < alone.rows.steps(); ++t) copy_row(t);
    alone.Forward();
    for (Index t = 0; t < alone.rows.steps(); ++t) {
      for (Index j = 0; j < 2 * 67; ++j) {
        const Index row = together.rows.Row(t, b);
        EXPECT_NEAR(alone.y[t * 2 * 67 + j], together.y[row * 2 * 67 + j], 1e-14);
      }
    }
  }
}

TEST_P(RecurrentLayerWith, LeavesTheWorkspaceOfBackwardAsItWas) {
  LayerHarness<float> harness = Harness<float>({3, 2});
  harness.Forward();
  const Index used = harness.workspace.used_bytes();
  harness.Backward();
  EXPECT_EQ(harness.workspace.used_bytes(), used);
}

TEST_P(RecurrentLayerWith, AddsNothingForASlotWithoutSequences) {
  LayerHarness<float> harness = Harness<float>({});
  harness.Forward();
  harness.Backward();
  for (float element : harness.gradient.span()) EXPECT_EQ(element, 0);
}

TEST_P(RecurrentLayerWith, KeepsThePaddingOfTheGradientZero) {
  LayerHarness<float> harness = Harness<float>({3, 2});
  harness.Forward();
  harness.Backward();
  for (const ParameterInfo& info : harness.parameters.infos()) {
    std::fill_n(harness.gradient.data() + info.offset, info.count(), 0.0f);
  }
  for (float element : harness.gradient.span()) EXPECT_EQ(element, 0);
}

// Rounding operands to 8 bits moves results by about 2^-9 of their size; sums that are normalised
// are of the order of 1, where gates bend most, and move them further.
TEST_P(RecurrentLayerWith, GivesInBfloat16WhatItGivesInDoubleToWithinItsRounding) {
  const double bfloat16_tolerance = IsNormalised(GetParam()) ? 0.15 : 0.02;
  RecurrentShape shape{.cell = GetParam(), .input_size = 40, .hidden_size = 67, .directions = 2};
  LayerHarness<double> wide(shape, LengthsOverBlocks());
  shape.precision = Precision::kBfloat16;
  LayerHarness<float> narrow(shape, LengthsOverBlocks());
  narrow.Forward();
  narrow.Backward();
  wide.Forward();
  wide.Backward();
  EXPECT_LE(RelativeDistance(narrow.y, wide.y), bfloat16_tolerance);
  EXPECT_LE(RelativeDistance(narrow.d_x, wide.d_x), bfloat16_tolerance);
  EXPECT_LE(RelativeDistance(narrow.gradient, wide.gradient), bfloat16_tolerance);
}

}  // namespace
}  // namespace lockstep
