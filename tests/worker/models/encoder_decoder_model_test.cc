#include "worker/models/encoder_decoder_model.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/gradient_check.h"
#include "tests/worker/models/written_target.h"
#include "worker/models/model_factory.h"

namespace lockstep {
namespace {

// What central differences of a smooth loss in double leave.
constexpr double kTolerance = 1e-7;
// The same of narrow ones, whose rounding errors are larger.
constexpr double kNarrowTolerance = 1e-6;

// Targets are longer and shorter than their sources, and one has a single step.
const std::vector<LengthPair> kLengths = {{4, 2}, {3, 5}, {3, 1}, {1, 2}};

// `scale` multiplies the first values.
GradientCheck Check(const WriterOptions& options, double width = kDifferenceWidth,
                    double scale = 1) {
  WriterHarness<double> harness(options, kLengths);
  for (double& value : harness.values.span()) value *= scale;
  harness.Run();
  AlignedBuffer<double> analytic(harness.gradient.size());
  std::copy_n(harness.gradient.data(), harness.gradient.size(), analytic.data());
  return CheckGradient([&] { return harness.Run().loss; }, harness.values.span(), analytic.span(),
                       width);
}

struct Mode {
  AttentionKind attention;
  bool feeds;
};
constexpr Mode kModes[] = {{AttentionKind::kNone, false},
                           {AttentionKind::kDot, false},
                           {AttentionKind::kDot, true},
                           {AttentionKind::kAdditive, false},
                           {AttentionKind::kAdditive, true}};

WriterOptions Writer(const Mode& mode) {
  WriterOptions options = SmallWriter();
  options.decoder.attention = mode.attention;
  options.decoder.input_feeding = mode.feeds;
  return options;
}

std::string Name(const Mode& mode) {
  return AttentionName(mode.attention) + (mode.feeds ? ", fed" : "");
}

TEST(EncoderDecoderModel, GradientsAgreeForEachAttentionAndOneOrTwoLayers) {
  for (const Mode& mode : kModes) {
    for (const Index layers : {1, 2}) {
      WriterOptions options = Writer(mode);
      options.encoder.layers = layers;
      const GradientCheck check = Check(options);
      EXPECT_LE(check.worst_error, kTolerance) << Name(mode) << ", " << layers << ": " << check;
    }
  }
}

TEST(EncoderDecoderModel, GradientsAgreeWithTiedEmbeddingsOfOneOrTwoVocabularies) {
  for (const Mode& mode : kModes) {
    for (const Index words : {0, 4}) {
      WriterOptions options = Writer(mode);
      options.head.tie_embeddings = true;
      options.words = words;
      const GradientCheck check = Check(options);
      EXPECT_LE(check.worst_error, kTolerance) << Name(mode) << ", " << words << ": " << check;
    }
  }
}

TEST(EncoderDecoderModel, GradientsAgreeForEachCell) {
  for (const CellKind cell : {CellKind::kRnnTanh, CellKind::kGruResetBefore, CellKind::kLstm,
                              CellKind::kGruLn, CellKind::kLstmLn}) {
    for (const bool feeds : {false, true}) {
      WriterOptions options = Writer({AttentionKind::kDot, feeds});
      options.encoder.cell = cell;
      const GradientCheck check =
          Check(options, IsNormalised(cell) ? kNarrowDifference : kDifferenceWidth);
      EXPECT_LE(check.worst_error, IsNormalised(cell) ? kNarrowTolerance : kTolerance)
          << CellName(cell) << (feeds ? ", fed: " : ": ") << check;
    }
  }
}

TEST(EncoderDecoderModel, GradientsAgreeWithEveryDropoutAndResidualConnections) {
  for (const Mode& mode : kModes) {
    WriterOptions options = Writer(mode);
    EncoderOptions& common = options.encoder;
    common.cell = CellKind::kLstm;
    common.bidirectional = false;
    common.layers = 2;
    common.residual = true;
    common.variational_dropout = mode.attention == AttentionKind::kDot;
    common.dropout = common.input_dropout = common.output_dropout = 0.3;
    common.symbol_dropout = common.embedding_dropout = 0.2;
    common.weight_dropout = common.zoneout = common.cell_zoneout = 0.2;
    const GradientCheck check = Check(options);
    EXPECT_LE(check.worst_error, kTolerance) << Name(mode) << ": " << check;
  }
}

TEST(EncoderDecoderModel, GradientsAgreeForEachPoolingDenseLayersAndSmoothing) {
  for (const char* pooling : {"mean", "last+attention"}) {
    for (const Mode& mode : {kModes[0], kModes[1]}) {
      WriterOptions options = Writer(mode);
      options.decoder.layers = 2;
      options.head.pooling = pooling;
      options.head.label_smoothing = 0.1;
      const GradientCheck check = Check(options);
      EXPECT_LE(check.worst_error, kTolerance) << pooling << ", " << Name(mode) << ": " << check;
    }
  }
}

// Which ids are read depends on what is most probable. With values that are large enough, that does
// not change within narrow differences, so the gradient is that of the second pass.
TEST(EncoderDecoderModel, GradientsAgreeWithScheduledSampling) {
  for (const Mode& mode : kModes) {
    WriterOptions options = Writer(mode);
    options.decoder.sampling = 0.5;
    const GradientCheck check = Check(options, kNarrowDifference, 3);
    EXPECT_LE(check.worst_error, kNarrowTolerance) << Name(mode) << ": " << check;
  }
}

TEST(EncoderDecoderModel, ScheduledSamplingGrowsWithTheStepsAndIsOffInEvaluation) {
  WriterOptions options = Writer(kModes[1]);
  const StepSums plain = WriterHarness<double>(options, kLengths).Run();
  options.decoder.sampling = 1;
  options.decoder.sampling_steps = 10;
  WriterHarness<double> harness(options, kLengths);
  EXPECT_EQ(harness.Run(0).loss, plain.loss);
  EXPECT_NE(harness.Run(10).loss, plain.loss);
  EXPECT_EQ(harness.Run(10).loss, harness.Run(11).loss);  // every row reads what the model found
  EXPECT_EQ(harness.Evaluate().loss, plain.loss);
}

TEST(EncoderDecoderModel, EvaluationIsTrainingWithoutDropoutAndCountsTargets) {
  for (const Mode& mode : kModes) {
    WriterHarness<float> harness(Writer(mode), kLengths);
    const StepSums trained = harness.Run(), evaluated = harness.Evaluate();
    EXPECT_EQ(trained.loss, evaluated.loss) << Name(mode);
    EXPECT_EQ(trained.counts[0], evaluated.counts[0]);
    EXPECT_EQ(trained.targets, 10);
  }
}

TEST(EncoderDecoderModel, RecomputingGivesTheSameBits) {
  for (const CellKind cell : {CellKind::kGru, CellKind::kLstm}) {
    for (const bool feeds : {false, true}) {
      WriterOptions options = Writer({AttentionKind::kAdditive, feeds});
      options.encoder.cell = cell;
      WriterHarness<float> kept(options, kLengths);
      options.encoder.recompute = true;
      WriterHarness<float> computed(options, kLengths);
      EXPECT_EQ(kept.Run().loss, computed.Run().loss);
      EXPECT_TRUE(std::ranges::equal(kept.gradient.span(), computed.gradient.span()));
    }
  }
}

// Each source is read by its own target, wherever both stand.
TEST(EncoderDecoderModel, ALossIsTheSumOfThoseOfItsSequences) {
  for (const Mode& mode : kModes) {
    WriterHarness<double> harness(Writer(mode), kLengths);
    const double together = harness.Evaluate().loss;
    double apart = 0;
    const SlotBatch all = std::move(harness.slot);
    for (Index b = 0; b < all.layout.sequences(); ++b) {
      harness.slot = SequenceOf(harness.model.schema(), all, b);
      apart += harness.Evaluate().loss;
    }
    EXPECT_NEAR(together, apart, 1e-12 * together) << Name(mode);
  }
}

TEST(EncoderDecoderModel, TellsAnObserverOfItsGradientStagesInTheirOrder) {
  struct : PassObserver {
    void GradientDone(Index begin, Index end) override { done.push_back({begin, end}); }
    std::vector<ElementRange> done;
  } observer;
  for (const Mode& mode : kModes) {
    for (const bool tied : {false, true}) {
      WriterOptions options = Writer(mode);
      options.head.tie_embeddings = tied;
      options.words = 0;
      WriterHarness<float> harness(options, kLengths);
      observer.done.clear();
      harness.model.ForwardBackward(harness.slot, {5, 1, 2}, harness.values.data(),
                                    harness.gradient.data(), &harness.workspace, &observer);
      EXPECT_EQ(observer.done, harness.model.GradientStages()) << Name(mode);
      Index elements = 0;
      for (const ElementRange& range : observer.done) elements += range.count();
      EXPECT_GE(elements, harness.model.layout().count());
    }
  }
}

TEST(EncoderDecoderModel, AnEmptySlotAddsNothing) {
  WriterHarness<float> harness(Writer(kModes[1]), kLengths);
  harness.slot = SlotBatch{};
  harness.slot.fields.resize(2);
  EXPECT_EQ(harness.Run().targets, 0);
  for (const float g : harness.gradient.span()) EXPECT_EQ(g, 0.0f);
}

TEST(EncoderDecoderModel, SharesOneTableOnlyIfTiedAndOfOneVocabulary) {
  const auto tables = [](bool tied, Index words) {
    WriterOptions options = Writer(kModes[1]);
    options.head.tie_embeddings = tied;
    options.words = words;
    Index count = 0;
    const WriterHarness<float> harness(options, kLengths);
    for (const ParameterInfo& info : harness.model.layout().infos()) {
      count += info.name.ends_with("embedding.weight") || info.name == "head.weight" ? 1 : 0;
    }
    return count;
  };
  EXPECT_EQ(tables(false, 4), 3);
  EXPECT_EQ(tables(false, 0), 3);
  EXPECT_EQ(tables(true, 4), 2);
  EXPECT_EQ(tables(true, 0), 1);
}

TEST(EncoderDecoderModel, RefusesWhatDoesNotGoTogether) {
  const auto make = [](const std::function<void(WriterOptions*)>& change) {
    return [change] {
      WriterOptions options = Writer(kModes[1]);
      change(&options);
      MakeModel<float>({options.encoder, options.head, options.decoder}, WriterSchema(options));
    };
  };
  ExpectError(ExitCode::kUsage, "set model.decoder_layers to 1 or more",
              make([](WriterOptions* o) { o->encoder.layers = 0; }));
  ExpectError(ExitCode::kUsage, "without attention there is nothing to feed",
              make([](WriterOptions* o) {
                o->decoder.attention = AttentionKind::kNone;
                o->decoder.input_feeding = true;
              }));
  ExpectError(ExitCode::kUsage, "set model.head = \"auto\"",
              make([](WriterOptions* o) { o->head.head = "softmax"; }));
  ExpectError(ExitCode::kUsage, "set model.dense_size = 3", make([](WriterOptions* o) {
                o->head.tie_embeddings = true;
                o->head.dense_layers = 1;
              }));
}

TEST(EncoderDecoderModel, OptionsOfADecoderAreRefusedWhereThereIsNone) {
  SmallModelOptions options;
  options.symbols = options.classes = 3;
  ExpectError(ExitCode::kUsage, "leave these keys out", [&] {
    MakeModel<float>({options, options.head, {.attention = AttentionKind::kAdditive}},
                     SchemaOf(options));
  });
}

TEST(EncoderDecoderModel, CountsTheOperationsOfItsProducts) {
  // By hand, for sources of 4 steps: encoder 2 x 6 x (3 + 2), keys 2 x 4 per source step; decoder 6
  // x (3 + 2), vectors 2 x (4 + 2), outputs 4 x 2, scores and context 4 x (2 + 4) per target step;
  // bridge 2 x 4 per sequence.
  const WriterHarness<float> harness(Writer(kModes[1]), kLengths);
  EXPECT_DOUBLE_EQ(harness.model.Flops(2, 8, 10),
                   6.0 * (8 * (60 + 8) + 10 * (30 + 12 + 8 + 24) + 2 * 8));
}

TEST(EncoderDecoderModel, EvaluationIsNotDivided) {
  EXPECT_EQ(WriterHarness<float>(SmallWriter(), {{3, 2}}).model.divided(), nullptr);
}

}  // namespace
}  // namespace lockstep
