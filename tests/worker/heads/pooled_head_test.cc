#include "worker/heads/pooled_head.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/counter_rng.h"
#include "tests/support/expect_error.h"
#include "tests/support/gradient_check.h"
#include "tests/support/small_model.h"
#include "worker/heartbeat.h"
#include "worker/models/model_factory.h"

namespace lockstep {
namespace {

constexpr double kGradientTolerance =
    1e-7;  // what central differences of a smooth loss in double leave
constexpr std::uint64_t kSeed = 5;
const std::vector<Index> kLengths = {6, 4, 4, 1};

// Real inputs of 3 columns per step, 2 columns per sequence, and a target per sequence: a class, or
// real values.
Schema SequenceSchema(Index classes, Index real_width = 0) {
  Schema schema;
  schema.fields = {{.name = "inputs", .type = ElementType::kFloat32, .width = 3},
                   {.name = "once",
                    .type = ElementType::kFloat32,
                    .width = 2,
                    .alignment = Alignment::kSequence},
                   {.name = "targets",
                    .type = ElementType::kInt32,
                    .alignment = Alignment::kSequence,
                    .role = FieldRole::kTarget,
                    .vocabulary = 0}};
  if (real_width > 0) {
    schema.fields[2].type = ElementType::kFloat32;
    schema.fields[2].width = real_width;
    schema.fields[2].vocabulary = -1;
  } else {
    schema.vocabularies = {UnnamedVocabulary("classes", classes)};
  }
  return schema;
}

void Draw(std::uint64_t stream, AlignedBuffer<float>* values) {
  const CounterRng rng(kSeed, RandomPurpose::kTest, stream);
  for (Index i = 0; i < values->size(); ++i) {
    (*values)[i] = static_cast<float>(rng.Normal(static_cast<std::uint64_t>(i)));
  }
}

// Sequence 2 has no target.
SlotBatch Slot(const Schema& schema) {
  SlotBatch slot;
  slot.layout = PackedLayout(kLengths);
  slot.sample_ids = {1, 2, 3, 4};
  slot.fields.resize(3);
  slot.fields[0].values = AlignedBuffer<float>(slot.layout.rows() * 3);
  slot.fields[1].values = AlignedBuffer<float>(4 * 2);
  Draw(1, &slot.fields[0].values);
  Draw(2, &slot.fields[1].values);
  const Field& target = schema.fields[2];
  if (!target.is_real()) {
    slot.fields[2].ids = {0, 2, kIgnoredTarget, 1};
    return slot;
  }
  slot.fields[2].values = AlignedBuffer<float>(4 * target.width);
  Draw(3, &slot.fields[2].values);
  for (Index i = 0; i < target.width; ++i)
    slot.fields[2].values[2 * target.width + i] = std::nanf("");
  return slot;
}

// A model in double with its slot; no byte of workspace more than it asked for.
struct Harness {
  Harness(const ModelOptions& options, const Schema& schema)
      : model(MakeModel<double>(options, schema)),
        slot(Slot(schema)),
        workspace(model->WorkspaceBytes(
            {4, 6, slot.layout.rows(), {slot.layout.rows(), 4, 4}, {6, 1, 1}})),
        values(model->layout().size()),
        gradient(model->layout().size()) {
    InitialiseParameters<double>(model->layout(), kSeed, values.span());
  }
  StepSums Run() {
    AlignedBuffer<double> fresh(gradient.size());
    std::swap(gradient, fresh);
    return model->ForwardBackward(slot, {kSeed, 1, 2}, values.data(), gradient.data(), &workspace);
  }
  GradientCheck Check() {
    Run();
    AlignedBuffer<double> analytic(gradient.size());
    std::copy_n(gradient.data(), gradient.size(), analytic.data());
    return CheckGradient([&] { return Run().loss; }, values.span(), analytic.span());
  }

  std::unique_ptr<Model<double>> model;
  SlotBatch slot;
  Workspace workspace;
  AlignedBuffer<double> values;
  AlignedBuffer<double> gradient;
};

ModelOptions SmallOptions(const std::string& pooling) {
  ModelOptions options;
  options.encoder.hidden_size = 3;
  options.encoder.bidirectional = true;
  options.head.pooling = pooling;
  return options;
}

TEST(PooledHead, GradientsAgreeWithFiniteDifferencesForEachPooling) {
  for (const char* pooling :
       {"last", "middle", "mean", "max", "attention", "last+middle+mean+max+attention"}) {
    const GradientCheck check = Harness(SmallOptions(pooling), SequenceSchema(3)).Check();
    EXPECT_LE(check.worst_error, kGradientTolerance) << pooling << " " << check;
  }
}

TEST(PooledHead, GradientsAgreeWithDenseLayersAndEveryDropout) {
  ModelOptions options = SmallOptions("mean");
  options.head.dense_layers = 2;
  options.head.dense_size = 5;
  options.head.dense_dropout = 0.3;
  options.head.pooled_dropout = 0.3;
  options.encoder.output_dropout = 0.3;
  options.encoder.layers = 2;
  options.encoder.dropout = 0.3;
  Harness harness(options, SequenceSchema(3));
  // Units far from the kink of the rectifier, on and off.
  for (const ParameterInfo& info : harness.model->layout().infos()) {
    if (!info.name.starts_with("dense.") || !info.name.ends_with(".bias")) continue;
    for (Index i = 0; i < info.count(); ++i) harness.values[info.offset + i] = i == 1 ? -6 : 6;
  }
  const GradientCheck check = harness.Check();
  EXPECT_LE(check.worst_error, kGradientTolerance) << check;
}

TEST(PooledHead, GradientsAgreeWithoutRecurrentLayers) {
  ModelOptions options = SmallOptions("mean");
  options.encoder.layers = 0;
  const GradientCheck check = Harness(options, SequenceSchema(3)).Check();
  EXPECT_LE(check.worst_error, kGradientTolerance) << check;
}

TEST(PooledHead, GradientsAgreeForRealTargets) {
  for (const char* loss : {"squared", "absolute"}) {
    ModelOptions options = SmallOptions("last");
    options.head.loss = loss;
    const GradientCheck check = Harness(options, SequenceSchema(0, 2)).Check();
    EXPECT_LE(check.worst_error, kGradientTolerance) << loss << " " << check;
  }
}

TEST(PooledHead, GradientsAgreeWithClassWeights) {
  ModelOptions options = SmallOptions("last");
  options.head.class_weights = {0.5, 3, 2};
  const GradientCheck check = Harness(options, SequenceSchema(3)).Check();
  EXPECT_LE(check.worst_error, kGradientTolerance) << check;
}

TEST(PooledHead, GradientsAgreeWithLabelSmoothing) {
  ModelOptions options = SmallOptions("last");
  options.head.class_weights = {0.5, 3, 2};
  options.head.label_smoothing = 0.2;
  const GradientCheck check = Harness(options, SequenceSchema(3)).Check();
  EXPECT_LE(check.worst_error, kGradientTolerance) << check;
}

// The loss of training is that of smoothed targets; the loss of validations is not.
TEST(PooledHead, EvaluatesWithoutLabelSmoothing) {
  ModelOptions options = SmallOptions("last");
  const double plain = Harness(options, SequenceSchema(3)).Run().loss;
  options.head.label_smoothing = 0.2;
  Harness harness(options, SequenceSchema(3));
  EXPECT_NE(harness.Run().loss, plain);
  EXPECT_EQ(harness.model->Evaluate(harness.slot, harness.values.data(), &harness.workspace).loss,
            plain);
}

TEST(PooledHead, CountsSequencesThatHaveATarget) {
  EXPECT_EQ(Harness(SmallOptions("last"), SequenceSchema(3)).Run().targets, 3);
  EXPECT_EQ(Harness(SmallOptions("last"), SequenceSchema(0, 2)).Run().targets, 6);
}

TEST(PooledHead, EvaluatesToTheSumsOfTraining) {
  Harness harness(SmallOptions("last+attention"), SequenceSchema(3));
  const StepSums trained = harness.Run();
  const StepSums evaluated =
      harness.model->Evaluate(harness.slot, harness.values.data(), &harness.workspace);
  EXPECT_DOUBLE_EQ(trained.loss, evaluated.loss);
  EXPECT_EQ(trained.counts, evaluated.counts);
}

TEST(PooledHead, TalliesOneClassPerSequenceThatHasATarget) {
  Harness harness(SmallOptions("mean"), SequenceSchema(3));
  ClassTally tally(TallyClasses(harness.model->metrics()));
  Heartbeat observer(&tally);
  const StepSums sums =
      harness.model->Evaluate(harness.slot, harness.values.data(), &harness.workspace, &observer);
  for (Index c = 0; c < 3; ++c) EXPECT_EQ(tally.truths(c), 1) << c;
  EXPECT_EQ(tally.right(0) + tally.right(1) + tally.right(2), sums.counts[0]);
}

// The score of a sequence does not depend on which others are in its slot.
TEST(PooledHead, ScoresASequenceAsIfItWereAlone) {
  for (const char* pooling : {"last", "middle", "mean", "max", "attention"}) {
    const Schema schema = SequenceSchema(3);
    Harness harness(SmallOptions(pooling), schema);
    std::vector<double> together(12);
    const Scores<double> scores =
        harness.model->Score(harness.slot, harness.values.data(), &harness.workspace);
    ASSERT_EQ(scores.rows, 4);
    ASSERT_EQ(scores.alignment, Alignment::kSequence);
    std::copy_n(scores.values, 12, together.begin());
    for (Index b = 0; b < 4; ++b) {
      harness.workspace.Rewind(0);
      const SlotBatch one = SequenceOf(schema, harness.slot, b);
      const Scores<double> alone =
          harness.model->Score(one, harness.values.data(), &harness.workspace);
      for (Index c = 0; c < 3; ++c) {
        EXPECT_NEAR(alone.values[c], together[static_cast<std::size_t>(3 * b + c)], 1e-12)
            << pooling << " " << b;
      }
    }
  }
}

TEST(PooledHead, IsNamedWithTheFieldItCannotServe) {
  ModelOptions options;
  options.head.head = "pooled";
  SmallModelOptions per_step;
  per_step.symbols = 4;
  per_step.classes = 3;
  ExpectError(ExitCode::kUsage,
              "model.head is \"pooled\", which does not fit the target field \"targets\"",
              [&] { MakeModel<float>(options, SchemaOf(per_step)); });
}

TEST(PooledHead, HasOptionsThatOtherHeadsRefuse) {
  ModelOptions options;
  options.head.pooling = "mean";
  SmallModelOptions per_step;
  per_step.symbols = 4;
  per_step.classes = 3;
  ExpectError(ExitCode::kUsage, "no target per sequence",
              [&] { MakeModel<float>(options, SchemaOf(per_step)); });
  options.head = {};
  options.head.class_weights = {1, 1, 1};
  per_step.target = Alignment::kList;
  ExpectError(ExitCode::kUsage, "does not go with a list of labels",
              [&] { MakeModel<float>(options, SchemaOf(per_step)); });
}

TEST(Heads, WithoutASoftmaxOfOneClassRefuseLabelSmoothing) {
  ModelOptions options;
  options.head.label_smoothing = 0.1;
  SmallModelOptions small;
  small.symbols = 4;
  small.classes = 3;
  MakeModel<float>(options, SchemaOf(small));
  small.target = Alignment::kList;
  ExpectError(ExitCode::kUsage,
              "model.label_smoothing is 0.1, but there is a corpus with lists of labels",
              [&] { MakeModel<float>(options, SchemaOf(small)); });
  ExpectError(ExitCode::kUsage,
              "model.label_smoothing is 0.1, but there is a corpus of real-valued",
              [&] { MakeModel<float>(options, SequenceSchema(0, 2)); });
}

}  // namespace
}  // namespace lockstep
