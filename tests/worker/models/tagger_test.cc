#include "worker/models/tagger.h"

#include <gtest/gtest.h>

#include "base/counter_rng.h"
#include "data/corpus/shard_format.h"
#include "tests/support/gradient_check.h"
#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

// What central differences of a smooth loss in double leave.
constexpr double kGradientTolerance = 1e-7;
constexpr std::uint64_t kSeed = 5;

// Labels of their own length: one for two steps.
void TakeLabels(const std::vector<Index>& lengths, Index classes, SlotBatch* slot) {
  slot->targets.clear();
  slot->target_offsets.assign(1, 0);
  for (const Index length : lengths) {
    for (Index k = 0; k < length / 2; ++k) {
      slot->targets.push_back(static_cast<std::int32_t>(1 + (k * k + length) % (classes - 1)));
    }
    slot->target_offsets.push_back(static_cast<Index>(slot->targets.size()));
  }
}

// A slot of random symbols or features; every seventh target is ignored.
SlotBatch RandomSlot(const TaggerOptions& options, const std::vector<Index>& lengths) {
  const CounterRng rng(kSeed, RandomPurpose::kTest);
  SlotBatch slot;
  slot.layout = PackedLayout(lengths);
  slot.features =
      AlignedBuffer<float>(slot.layout.rows() * std::max<Index>(1, options.feature_width));
  for (Index i = 0; i < slot.features.size(); ++i) {
    slot.features[i] = static_cast<float>(rng.Normal(static_cast<std::uint64_t>(i)));
  }
  for (Index row = 0; row < slot.layout.rows(); ++row) {
    const std::uint64_t at = static_cast<std::uint64_t>(1000000 + 2 * row);
    const auto draw = [&](std::uint64_t i, Index n) {
      return static_cast<std::int32_t>(rng.Below(i, static_cast<std::uint64_t>(n)));
    };
    if (options.symbols > 0) slot.symbols.push_back(draw(at, options.symbols));
    slot.targets.push_back(row % 7 == 3 ? kIgnoredTarget : draw(at + 1, options.classes));
  }
  if (options.ctc) TakeLabels(lengths, options.classes, &slot);
  return slot;
}

// A model in double with its slot; no byte of workspace more than it asked for.
struct TaggerHarness {
  explicit TaggerHarness(const TaggerOptions& options, const std::vector<Index>& lengths)
      : model(options),
        slot(RandomSlot(options, lengths)),
        workspace(model.WorkspaceBytes({slot.layout.sequences(), slot.layout.steps(),
                                        slot.layout.rows(), slot.layout.steps() / 2})),
        values(model.layout().size()),
        gradient(model.layout().size()) {
    InitialiseParameters<double>(model.layout(), kSeed, values.span());
  }
  LossSums Run() {
    AlignedBuffer<double> fresh(gradient.size());
    std::swap(gradient, fresh);
    return model.ForwardBackward(slot, {kSeed, 1, 2}, values.data(), gradient.data(), &workspace);
  }
  GradientCheck Check() {
    Run();
    AlignedBuffer<double> analytic(gradient.size());
    std::copy_n(gradient.data(), gradient.size(), analytic.data());
    return CheckGradient([&] { return Run().loss; }, values.span(), analytic.span());
  }

  Tagger<double> model;
  SlotBatch slot;
  Workspace workspace;
  AlignedBuffer<double> values;
  AlignedBuffer<double> gradient;
};

TaggerOptions SymbolModel() {
  TaggerOptions options;
  options.symbols = 5;
  options.classes = 3;
  options.layers = 2;
  options.hidden_size = 3;
  options.embedding_size = 4;
  return options;
}

TEST(Tagger, GradientsAgreeWithFiniteDifferencesForEachCell) {
  for (CellKind cell :
       {CellKind::kRnnTanh, CellKind::kGru, CellKind::kGruResetBefore, CellKind::kLstm}) {
    TaggerOptions options = SymbolModel();
    options.cell = cell;
    const GradientCheck check = TaggerHarness(options, {5, 4, 4, 1}).Check();
    EXPECT_LE(check.worst_error, kGradientTolerance) << CellName(cell) << " " << check;
  }
}

TEST(Tagger, GradientsAgreeWithDropoutAndResidualConnections) {
  TaggerOptions options = SymbolModel();
  options.layers = 3;
  options.dropout = 0.4;
  options.residual = true;
  const GradientCheck check = TaggerHarness(options, {6, 3, 2}).Check();
  EXPECT_LE(check.worst_error, kGradientTolerance) << check;
}

TEST(Tagger, GradientsAgreeForFeaturesAndOneDirection) {
  TaggerOptions options = SymbolModel();
  options.symbols = 0;
  options.feature_width = 6;
  options.bidirectional = false;
  const GradientCheck check = TaggerHarness(options, {4, 4, 4}).Check();
  EXPECT_LE(check.worst_error, kGradientTolerance) << check;
}

TEST(Tagger, GradientsAgreeForLabelsOfTheirOwnLengthBehindAConvolution) {
  TaggerOptions options = SymbolModel();
  options.symbols = 0;
  options.classes = 5;
  options.feature_width = 6;
  options.conv_channels = 7;
  options.ctc = true;
  TaggerHarness harness(options, {9, 6, 4, 1});
  // Channels that are always on and one that never is keep off the kink.
  const ParameterInfo& bias = harness.model.layout()[1];
  ASSERT_EQ(bias.name, "front.bias");
  for (Index c = 0; c < 7; ++c) harness.values[bias.offset + c] = c == 3 ? -5 : 5;
  const GradientCheck check = harness.Check();
  EXPECT_LE(check.worst_error, kGradientTolerance) << check;
}

TEST(Tagger, EvaluatesLabelSequencesToTheLossOfTraining) {
  TaggerOptions options = SymbolModel();
  options.symbols = 0;
  options.feature_width = 6;
  options.ctc = true;
  TaggerHarness harness(options, {8, 5, 5});
  const LossSums trained = harness.Run();
  const LossSums evaluated =
      harness.model.Evaluate(harness.slot, harness.values.data(), &harness.workspace);
  EXPECT_DOUBLE_EQ(trained.loss, evaluated.loss);
  EXPECT_EQ(trained.targets, 8);
  EXPECT_EQ(trained.correct, evaluated.correct);
}

TEST(Tagger, GradientsAgreeWhenTheEmbeddingIsWiderThanTheLayers) {
  for (Index layers : {1, 2, 3}) {
    TaggerOptions options = SymbolModel();
    options.layers = layers;
    options.embedding_size = 20;
    const GradientCheck check = TaggerHarness(options, {4, 2}).Check();
    EXPECT_LE(check.worst_error, kGradientTolerance) << layers << " layers " << check;
  }
}

TEST(Tagger, LossSumsOverStepsThatHaveATarget) {
  TaggerHarness harness(SymbolModel(), {5, 3});
  EXPECT_EQ(harness.Run().targets, 7);  // 8 rows, one ignored
}

TEST(Tagger, EvaluationIsTrainingWithoutDropout) {
  TaggerHarness harness(SymbolModel(), {5, 3});
  const LossSums trained = harness.Run();
  const LossSums evaluated =
      harness.model.Evaluate(harness.slot, harness.values.data(), &harness.workspace);
  EXPECT_EQ(trained.loss, evaluated.loss);
  EXPECT_EQ(trained.correct, evaluated.correct);
}

// A supervisor takes long silence for a stall.
TEST(Tagger, EvaluationTellsAnObserverOfEachTimeStepOfEachDirection) {
  struct : PassObserver {
    void BetweenSteps() override { ++steps; }
    Index steps = 0;
  } observer;
  TaggerHarness harness(SymbolModel(), {5, 3});
  harness.model.Evaluate(harness.slot, harness.values.data(), &harness.workspace, &observer);
  EXPECT_EQ(observer.steps, 5 * 2 * harness.model.options().layers);
}

TEST(Tagger, DropoutDependsOnStepAndSlotAndIsOffInEvaluation) {
  TaggerOptions options = SymbolModel();
  options.dropout = 0.5;
  TaggerHarness h(options, {5, 3});
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

TEST(Tagger, AnEmptySlotAddsNothing) {
  TaggerHarness harness(SymbolModel(), {5, 3});
  harness.slot = SlotBatch{};
  EXPECT_EQ(harness.Run().targets, 0);
  for (double g : harness.gradient.span()) EXPECT_EQ(g, 0.0);
}

TEST(Tagger, CountsTheOperationsOfItsProducts) {
  // By hand: layer 1: 2 directions x 3 gates x 3 x (4 + 3), layer 2: 2 x 3 x 3 x (6 + 3), head 3
  // x 6.
  EXPECT_DOUBLE_EQ(Tagger<float>(SymbolModel()).FlopsPerStep(), 6.0 * (126 + 162 + 18));
}

}  // namespace
}  // namespace lockstep
