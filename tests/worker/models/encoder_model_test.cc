#include <gtest/gtest.h>

#include "tests/worker/models/model_harness.h"

namespace lockstep {
namespace {

TEST(EncoderModel, GradientsAgreeWithFiniteDifferencesForEachCell) {
  for (CellKind cell :
       {CellKind::kRnnTanh, CellKind::kGru, CellKind::kGruResetBefore, CellKind::kLstm}) {
    SmallModelOptions options = SymbolModel();
    options.cell = cell;
    const GradientCheck check = ModelHarness(options, {5, 4, 4, 1}).Check();
    EXPECT_LE(check.worst_error, kGradientTolerance) << CellName(cell) << " " << check;
  }
}

TEST(EncoderModel, GradientsAgreeWithDropoutAndResidualConnections) {
  SmallModelOptions options = SymbolModel();
  options.layers = 3;
  options.dropout = 0.4;
  options.residual = true;
  const GradientCheck check = ModelHarness(options, {6, 3, 2}).Check();
  EXPECT_LE(check.worst_error, kGradientTolerance) << check;
}

TEST(EncoderModel, GradientsAgreeWithEveryDropoutWithAndWithoutRecurrentLayers) {
  for (const Index layers : {0, 2}) {
    SmallModelOptions options = SymbolModel();
    options.layers = layers;
    options.symbol_dropout = 0.3;
    options.input_dropout = 0.3;
    options.output_dropout = 0.3;
    options.dropout = 0.3;
    const GradientCheck check = ModelHarness(options, {6, 3, 2}).Check();
    EXPECT_LE(check.worst_error, kGradientTolerance) << layers << " layers " << check;
  }
}

TEST(EncoderModel, EachDropoutChangesTheLossOfTrainingOnly) {
  using Option = double EncoderOptions::*;
  for (const Index layers : {0, 2}) {
    for (const Option option : {&EncoderOptions::symbol_dropout, &EncoderOptions::input_dropout,
                                &EncoderOptions::output_dropout}) {
      SmallModelOptions options = SymbolModel();
      options.layers = layers;
      options.*option = 0.5;
      ModelHarness harness(options, {6, 3, 2});
      const double evaluated =
          harness.model.Evaluate(harness.slot, harness.values.data(), &harness.workspace).loss;
      EXPECT_NE(harness.Run().loss, evaluated) << layers << " layers";
    }
  }
}

TEST(EncoderModel, GradientsAgreeForFeaturesAndOneDirection) {
  SmallModelOptions options = SymbolModel();
  options.symbols = 0;
  options.feature_width = 6;
  options.bidirectional = false;
  const GradientCheck check = ModelHarness(options, {4, 4, 4}).Check();
  EXPECT_LE(check.worst_error, kGradientTolerance) << check;
}

TEST(EncoderModel, GradientsAgreeBehindLayersThatLookAhead) {
  for (const bool residual : {false, true}) {
    for (const std::vector<Index>& ahead : {std::vector<Index>{3}, {2, 0, 4}}) {
      SmallModelOptions options = SymbolModel();
      options.bidirectional = false;
      options.layers = 3;
      options.dropout = 0.3;
      options.residual = residual;
      options.lookahead = ahead;
      ModelHarness harness(options, {6, 4, 4, 2, 1});
      // Only w_0 is not zero at first.
      for (const ParameterInfo& info : harness.model.layout().infos()) {
        if (!info.name.starts_with("look_ahead")) continue;
        for (Index i = 0; i < info.count(); ++i) {
          harness.values[info.offset + i] += 0.1 * static_cast<double>(i % 7 - 3);
        }
      }
      const GradientCheck check = harness.Check();
      EXPECT_LE(check.worst_error, kGradientTolerance) << LookAheadText(ahead) << " " << check;
    }
  }
}

TEST(EncoderModel, GradientsAgreeForLabelsOfTheirOwnLengthBehindAConvolution) {
  SmallModelOptions options = SymbolModel();
  options.symbols = 0;
  options.classes = 5;
  options.feature_width = 6;
  options.conv_channels = 7;
  options.target = Alignment::kList;
  ModelHarness harness(options, {9, 6, 4, 1});
  // Channels that are always on and one that never is keep off the kink.
  const ParameterInfo& bias = harness.model.layout()[1];
  ASSERT_EQ(bias.name, "front.bias");
  for (Index c = 0; c < 7; ++c) harness.values[bias.offset + c] = c == 3 ? -5 : 5;
  const GradientCheck check = harness.Check();
  EXPECT_LE(check.worst_error, kGradientTolerance) << check;
}

TEST(EncoderModel, EvaluatesLabelSequencesToTheLossOfTraining) {
  SmallModelOptions options = SymbolModel();
  options.symbols = 0;
  options.feature_width = 6;
  options.target = Alignment::kList;
  ModelHarness harness(options, {8, 5, 5});
  const StepSums trained = harness.Run();
  const StepSums evaluated =
      harness.model.Evaluate(harness.slot, harness.values.data(), &harness.workspace);
  EXPECT_DOUBLE_EQ(trained.loss, evaluated.loss);
  EXPECT_EQ(trained.targets, 8);
  EXPECT_EQ(trained.counts[0], evaluated.counts[0]);
}

TEST(EncoderModel, GradientsAgreeWhenTheEmbeddingIsWiderThanTheLayers) {
  for (Index layers : {1, 2, 3}) {
    SmallModelOptions options = SymbolModel();
    options.layers = layers;
    options.embedding_size = 20;
    const GradientCheck check = ModelHarness(options, {4, 2}).Check();
    EXPECT_LE(check.worst_error, kGradientTolerance) << layers << " layers " << check;
  }
}

TEST(EncoderModel, StepSumsOverStepsThatHaveATarget) {
  ModelHarness harness(SymbolModel(), {5, 3});
  EXPECT_EQ(harness.Run().targets, 7);  // 8 rows, one ignored
}

TEST(EncoderModel, EvaluationIsTrainingWithoutDropout) {
  ModelHarness harness(SymbolModel(), {5, 3});
  const StepSums trained = harness.Run();
  const StepSums evaluated =
      harness.model.Evaluate(harness.slot, harness.values.data(), &harness.workspace);
  EXPECT_EQ(trained.loss, evaluated.loss);
  EXPECT_EQ(trained.counts[0], evaluated.counts[0]);
}

// A supervisor takes long silence for a stall.
TEST(EncoderModel, EvaluationTellsAnObserverOfEachTimeStepOfEachDirection) {
  struct : PassObserver {
    void BetweenSteps() override { ++steps; }
    Index steps = 0;
  } observer;
  ModelHarness harness(SymbolModel(), {5, 3});
  harness.model.Evaluate(harness.slot, harness.values.data(), &harness.workspace, &observer);
  EXPECT_EQ(observer.steps, 5 * 2 * harness.model.options().layers);
}

TEST(EncoderModel, DropoutDependsOnStepAndSlotAndIsOffInEvaluation) {
  SmallModelOptions options = SymbolModel();
  options.dropout = 0.5;
  ModelHarness h(options, {5, 3});
  const auto loss = [&](Index step, Index slot) {
    return h.model
        .ForwardBackward(h.slot, {kSeed, step, slot}, h.values.data(), h.gradient.data(),
                         &h.workspace)
        .loss;
  };
  EXPECT_EQ(loss(1, 0), loss(1, 0));
  EXPECT_NE(loss(1, 0), loss(2, 0));
  EXPECT_NE(loss(1, 0), loss(1, 1));
  const double quiet = h.model.Evaluate(h.slot, h.values.data(), &h.workspace).loss;
  EXPECT_EQ(quiet, h.model.Evaluate(h.slot, h.values.data(), &h.workspace).loss);
}

TEST(EncoderModel, AnEmptySlotAddsNothing) {
  ModelHarness harness(SymbolModel(), {5, 3});
  harness.slot = SlotBatch{};
  EXPECT_EQ(harness.Run().targets, 0);
  for (double g : harness.gradient.span()) EXPECT_EQ(g, 0.0);
}

TEST(EncoderModel, CountsTheOperationsOfItsProducts) {
  // By hand: layer 1: 2 directions x 3 gates x 3 x (4 + 3), layer 2: 2 x 3 x 3 x (6 + 3), head 3
  // x 6.
  EXPECT_DOUBLE_EQ(SmallEncoderModel<float>(SymbolModel()).Flops(7, 1, 0), 6.0 * (126 + 162 + 18));
}

}  // namespace
}  // namespace lockstep
