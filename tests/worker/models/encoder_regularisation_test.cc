// What keeps a model from over-fitting: masks with the properties that their keys promise, exact
// gradients with fixed masks, and nothing of it in evaluation.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <set>

#include "tests/support/expect_error.h"
#include "tests/worker/models/model_harness.h"

namespace lockstep {
namespace {

constexpr double kShare = 0.4;
const std::vector<Index> kLengths = {6, 3, 2};

// The features of an encoder without recurrent layers whose embedding is 1 everywhere: the masks.
struct Masks {
  explicit Masks(SmallModelOptions options, std::vector<std::int32_t> ids,
                 const std::vector<Index>& lengths, const DropoutKey& key = {kSeed, 1, 2})
      : layout(lengths) {
    options.layers = 0;
    ParameterLayout parameters;
    const Encoder<double> encoder(options, SchemaOf(options), false, &parameters);
    SlotBatch slot;
    slot.fields.resize(2);
    slot.layout = layout;
    slot.fields[0].ids = std::move(ids);
    const SlotBounds bounds = TwoFieldBounds(layout.sequences(), layout.steps(), layout.rows());
    Workspace workspace(encoder.KeptBytes(bounds) + encoder.ScratchBytes(bounds));
    std::vector<double> values(static_cast<std::size_t>(parameters.size()), 1.0);
    const auto saved = encoder.Forward(slot, &key, values.data(), &workspace, nullptr, {});
    for (Index row = 0; row < layout.rows(); ++row) {
      const double* const x = saved.features() + row * encoder.width();
      rows.emplace_back(x, x + encoder.width());
    }
  }
  const std::vector<double>& Row(Index t, Index b) const {
    return rows[static_cast<std::size_t>(layout.Row(t, b))];
  }

  PackedLayout layout;
  std::vector<std::vector<double>> rows;
};

SmallModelOptions ManySymbols() {
  SmallModelOptions options = SymbolModel();
  options.symbols = 40;
  return options;
}

TEST(EmbeddingDropout, DropsAllStepsOfASymbolOrNone) {
  SmallModelOptions options = ManySymbols();
  options.embedding_dropout = kShare;
  std::vector<std::int32_t> ids;
  for (std::int32_t i = 0; i < 200; ++i) ids.push_back(i * i % 40);
  const Masks masks(options, ids, {100, 100});
  std::set<std::int32_t> dropped, kept;
  for (std::size_t row = 0; row < ids.size(); ++row) {
    const double expected = masks.rows[row][0] == 0 ? 0 : 1 / (1 - kShare);
    for (const double value : masks.rows[row]) EXPECT_DOUBLE_EQ(value, expected) << "row " << row;
    (expected == 0 ? dropped : kept).insert(ids[row]);
  }
  for (const std::int32_t id : dropped) EXPECT_FALSE(kept.contains(id)) << "symbol " << id;
  EXPECT_FALSE(dropped.empty());
  EXPECT_FALSE(kept.empty());
}

TEST(EmbeddingDropout, DropsTheShareThatItIsGivenOverManySteps) {
  SmallModelOptions options = ManySymbols();
  options.embedding_dropout = kShare;
  std::vector<std::int32_t> ids(40);
  for (std::int32_t i = 0; i < 40; ++i) ids[static_cast<std::size_t>(i)] = i;
  Index dropped = 0;
  for (Index step = 0; step < 250; ++step) {
    const Masks masks(options, ids, {40}, {kSeed, step, 0});
    for (const auto& row : masks.rows) dropped += row[0] == 0;
  }
  // 10,000 draws: four standard deviations are 0.02.
  EXPECT_NEAR(static_cast<double>(dropped) / 10000, kShare, 0.02);
}

TEST(EmbeddingDropout, IsRefusedForInputsWithoutAnEmbedding) {
  SmallModelOptions options = SymbolModel();
  options.symbols = 0;
  options.feature_width = 6;
  options.embedding_dropout = kShare;
  ExpectError(ExitCode::kUsage, "set model.embedding_dropout = 0",
              [&] { SmallEncoderModel<double> model(options); });
}

TEST(VariationalDropout, DropsTheSameValuesInAllStepsOfASequence) {
  for (double EncoderOptions::*share :
       {&EncoderOptions::input_dropout, &EncoderOptions::output_dropout}) {
    SmallModelOptions options = SymbolModel();
    options.embedding_size = 24;
    options.*share = kShare;
    options.variational_dropout = true;
    const Masks masks(options, std::vector<std::int32_t>(11), kLengths);
    for (Index t = 0; t < masks.layout.steps(); ++t) {
      for (Index b = 0; b < masks.layout.active(t); ++b) {
        EXPECT_EQ(masks.Row(t, b), masks.Row(0, b)) << "step " << t << " sequence " << b;
      }
    }
    EXPECT_NE(masks.Row(0, 0), masks.Row(0, 1));
    EXPECT_NE(masks.Row(0, 1), masks.Row(0, 2));
  }
}

TEST(VariationalDropout, IsOffWhereEachStepHasItsOwnMask) {
  SmallModelOptions options = SymbolModel();
  options.embedding_size = 24;
  options.input_dropout = kShare;
  const Masks masks(options, std::vector<std::int32_t>(11), kLengths);
  EXPECT_NE(masks.Row(0, 0), masks.Row(1, 0));
}

// Each option by itself; `set` turns it on.
struct Regulariser {
  const char* name;
  void (*set)(SmallModelOptions* options);
};
const Regulariser kRegularisers[] = {
    {"embedding dropout", [](SmallModelOptions* o) { o->embedding_dropout = kShare; }},
    {"variational dropout",
     [](SmallModelOptions* o) {
       o->dropout = o->input_dropout = o->output_dropout = kShare;
       o->variational_dropout = true;
     }},
    {"weight dropout", [](SmallModelOptions* o) { o->weight_dropout = kShare; }},
    {"zoneout", [](SmallModelOptions* o) { o->zoneout = kShare; }},
    {"zoneout of cell states",
     [](SmallModelOptions* o) {
       o->cell = CellKind::kLstm;
       o->cell_zoneout = kShare;
     }},
    {"activation penalty", [](SmallModelOptions* o) { o->activation_l2 = 2; }},
    {"difference penalty", [](SmallModelOptions* o) { o->difference_l2 = 3; }},
};

void ExpectExactGradients(const SmallModelOptions& options, const std::string& name) {
  const GradientCheck check = ModelHarness(options, kLengths).Check();
  EXPECT_LE(check.worst_error, kGradientTolerance) << name << ": " << check;
}

TEST(Regularisation, HasTheGradientsOfFiniteDifferences) {
  for (const Regulariser& regulariser : kRegularisers) {
    for (const bool bidirectional : {false, true}) {
      SmallModelOptions options = SymbolModel();
      options.bidirectional = bidirectional;
      regulariser.set(&options);
      ExpectExactGradients(options, regulariser.name);
    }
  }
}

TEST(Regularisation, HasTheGradientsOfFiniteDifferencesAllTogether) {
  SmallModelOptions options = SymbolModel();
  options.layers = 3;
  options.residual = true;
  options.symbol_dropout = kShare;
  for (const Regulariser& regulariser : kRegularisers) regulariser.set(&options);
  ExpectExactGradients(options, "all");
}

TEST(Regularisation, HasTheGradientsOfFiniteDifferencesBehindLayersThatLookAhead) {
  SmallModelOptions options = SymbolModel();
  options.bidirectional = false;
  options.lookahead = {2};
  options.residual = true;
  for (const Regulariser& regulariser : kRegularisers) regulariser.set(&options);
  ExpectExactGradients(options, "look-ahead");
}

double Evaluated(ModelHarness* harness) {
  return harness->model.Evaluate(harness->slot, harness->values.data(), &harness->workspace).loss;
}

TEST(Regularisation, ChangesTheLossOfTrainingAndZoneoutAloneThatOfEvaluation) {
  for (const Regulariser& regulariser : kRegularisers) {
    SmallModelOptions options = SymbolModel();
    regulariser.set(&options);
    ModelHarness harness(options, kLengths);
    EXPECT_NE(harness.Run().loss, Evaluated(&harness)) << regulariser.name;
    SmallModelOptions plain = SymbolModel();
    plain.cell = options.cell;
    ModelHarness without(plain, kLengths);
    const bool expects = options.zoneout > 0 || options.cell_zoneout > 0;
    EXPECT_EQ(Evaluated(&harness) == Evaluated(&without), !expects) << regulariser.name;
  }
}

// The sums of the header, written out, over the features that a head of scores sees.
TEST(Regularisation, AddsThePenaltiesOfTheActivationsToTheLossOfTraining) {
  SmallModelOptions options = SymbolModel();
  ModelHarness plain(options, kLengths);
  options.activation_l2 = 2;
  options.difference_l2 = 3;
  ModelHarness harness(options, kLengths);
  ParameterLayout parameters;
  const Encoder<double> encoder(options, SchemaOf(options), false, &parameters);
  Workspace workspace(encoder.KeptBytes(TwoFieldBounds(3, 6, 11)) +
                      encoder.ScratchBytes(TwoFieldBounds(3, 6, 11)));
  const auto saved =
      encoder.Forward(harness.slot, nullptr, harness.values.data(), &workspace, nullptr, {});
  const PackedLayout& layout = harness.slot.layout;
  const auto h = [&](Index t, Index b, Index j) {
    return saved.features()[layout.Row(t, b) * encoder.width() + j];
  };
  double squares = 0, differences = 0;
  for (Index b = 0; b < 3; ++b) {
    for (Index t = 0; t < layout.Length(b); ++t) {
      for (Index j = 0; j < encoder.width(); ++j) {
        squares += h(t, b, j) * h(t, b, j);
        if (t > 0) differences += std::pow(h(t, b, j) - h(t - 1, b, j), 2);
      }
    }
  }
  const double expected = (2 * squares + 3 * differences) / static_cast<double>(encoder.width());
  EXPECT_GT(expected, 0.01);
  EXPECT_NEAR(harness.Run().loss - plain.Run().loss, expected, 1e-12);
}

TEST(Regularisation, GivesTheSameBitsWhenGatesAreComputedAgain) {
  for (const CellKind cell : {CellKind::kLstm, CellKind::kLstmLn, CellKind::kGruLn}) {
    SmallModelOptions options = SymbolModel();
    for (const Regulariser& regulariser : kRegularisers) regulariser.set(&options);
    options.cell = cell;
    if (!HasMemory(cell)) options.cell_zoneout = 0;
    // More than one block of time.
    const std::vector<Index> lengths = {700, 600, 600, 4};
    ModelHarness kept(options, lengths);
    options.recompute = true;
    ModelHarness again(options, lengths);
    EXPECT_EQ(kept.Run().loss, again.Run().loss) << CellName(cell);
    EXPECT_EQ(
        std::memcmp(kept.gradient.data(), again.gradient.data(), kept.gradient.span().size_bytes()),
        0)
        << CellName(cell);
  }
}

}  // namespace
}  // namespace lockstep
