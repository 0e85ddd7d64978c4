#include "worker/heads/crf_head.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/counter_rng.h"
#include "tests/support/expect_error.h"
#include "tests/support/gradient_check.h"
#include "tests/support/small_model.h"
#include "worker/decode/sequence_scorer.h"
#include "worker/heartbeat.h"
#include "worker/kernels/isa.h"
#include "worker/models/model_factory.h"

namespace lockstep {
namespace {

constexpr double kGradientTolerance = 1e-7;  // what central differences leave
constexpr std::uint64_t kSeed = 5;
constexpr Index kWidth = 2;

// 0 begins and stays or goes to 1; 1 goes to 2; 2 stays or goes to 0.
const LabelOrder kRing = {{{0, 1}, {2}, {0, 2}}, {0}, {}};

// Real inputs, and a class for each step.
Schema StepSchema(Index classes, const LabelOrder& order = {}) {
  Schema schema =
      TwoFieldSchema({.type = ElementType::kFloat32, .width = kWidth}, {},
                     {.type = ElementType::kInt32}, UnnamedVocabulary("classes", classes));
  schema.vocabularies[0].order = order;
  return schema;
}

SlotBatch Slot(const std::vector<Index>& lengths, const std::vector<std::int32_t>& targets) {
  SlotBatch slot;
  slot.layout = PackedLayout(lengths);
  for (std::uint64_t id = 0; id < lengths.size(); ++id) slot.sample_ids.push_back(id);
  slot.fields.resize(2);
  slot.fields[0].values = AlignedBuffer<float>(slot.layout.rows() * kWidth);
  const CounterRng rng(kSeed, RandomPurpose::kTest);
  for (Index i = 0; i < slot.fields[0].values.size(); ++i) {
    slot.fields[0].values[i] = static_cast<float>(rng.Normal(static_cast<std::uint64_t>(i)));
  }
  slot.fields[1].ids = targets;
  return slot;
}

// Rows by time: b0 0 1 ? 2 0, b1 ? 1 2 ?, b2 0.
SlotBatch RingSlot() { return Slot({5, 4, 1}, {0, -1, 0, 1, 1, -1, 2, 2, -1, 0}); }

ModelOptions CrfOptions(const std::string& head = "crf") {
  ModelOptions options;
  options.encoder.hidden_size = 3;
  options.head.head = head;
  return options;
}

// A model with a slot; no byte of workspace more than it asked for.
template <typename S>
struct Harness {
  Harness(const ModelOptions& options, const Schema& schema, SlotBatch batch)
      : model(MakeModel<S>(options, schema)),
        slot(std::move(batch)),
        workspace(model->WorkspaceBytes(
            TwoFieldBounds(slot.layout.sequences(), slot.layout.steps(), slot.layout.rows()))),
        values(model->layout().size()),
        gradient(model->layout().size()) {
    InitialiseParameters<S>(model->layout(), kSeed, values.span());
  }
  StepSums Run() {
    std::fill(gradient.span().begin(), gradient.span().end(), S(0));
    return model->ForwardBackward(slot, {kSeed, 1, 2}, values.data(), gradient.data(), &workspace);
  }
  StepSums Evaluate() { return model->Evaluate(slot, values.data(), &workspace); }
  // Plain gradient descent.
  void Train(int steps, S rate) {
    for (int step = 0; step < steps; ++step) {
      const S scale = rate / static_cast<S>(Run().targets);
      for (Index i = 0; i < values.size(); ++i) values[i] -= scale * gradient[i];
    }
  }

  std::unique_ptr<Model<S>> model;
  SlotBatch slot;
  Workspace workspace;
  AlignedBuffer<S> values;
  AlignedBuffer<S> gradient;
};

TEST(CrfHead, GradientsAgreeWithFiniteDifferences) {
  for (const LabelOrder& order : {LabelOrder{}, kRing}) {
    ModelOptions options = CrfOptions();
    options.encoder.bidirectional = true;
    options.head.dense_layers = 1;
    options.head.dense_dropout = 0.3;
    Harness<double> harness(options, StepSchema(3, order), RingSlot());
    // Away from the kinks of the rectifiers, and from transitions that are all equal.
    for (const ParameterInfo& info : harness.model->layout().infos()) {
      const bool is_dense = info.name.starts_with("dense.") && info.name.ends_with(".bias");
      for (Index i = 0; i < info.count(); ++i) {
        if (is_dense) harness.values[info.offset + i] = i == 1 ? -6 : 6;
        if (info.name == "head.transitions") {
          harness.values[info.offset + i] = 0.3 * static_cast<double>(i % 4);
        }
      }
    }
    harness.Run();
    const std::vector<double> analytic(harness.gradient.span().begin(),
                                       harness.gradient.span().end());
    const GradientCheck check =
        CheckGradient([&] { return harness.Run().loss; }, harness.values.span(), analytic);
    EXPECT_LE(check.worst_error, kGradientTolerance) << check;
  }
}

TEST(CrfHead, EvaluatesToTheSumsOfTraining) {
  Harness<float> harness(CrfOptions(), StepSchema(3, kRing), RingSlot());
  const StepSums trained = harness.Run(), evaluated = harness.Evaluate();
  EXPECT_EQ(trained.loss, evaluated.loss);
  EXPECT_EQ(trained.targets, 7);
  EXPECT_EQ(trained.counts, evaluated.counts);
}

// The tally of Evaluate is that of the best label sequences, which Score gives.
TEST(CrfHead, TalliesTheLabelsOfItsScores) {
  Harness<float> harness(CrfOptions(), StepSchema(3, kRing), RingSlot());
  harness.Train(3, 0.5F);
  ClassTally tally(TallyClasses(harness.model->metrics())), expected(3);
  Heartbeat observer(&tally);
  const StepSums sums =
      harness.model->Evaluate(harness.slot, harness.values.data(), &harness.workspace, &observer);
  const Scores<float> scores =
      harness.model->Score(harness.slot, harness.values.data(), &harness.workspace);
  const std::vector<std::int32_t>& targets = harness.slot.fields[1].ids;
  for (std::size_t row = 0; row < targets.size(); ++row) {
    if (targets[row] >= 0) expected.Add(targets[row], scores.labels[row]);
  }
  EXPECT_EQ(tally, expected);
  EXPECT_EQ(tally.right(0) + tally.right(1) + tally.right(2), sums.counts[0]);
}

std::vector<SlotBatch> InList(SlotBatch slot) {
  std::vector<SlotBatch> slots;
  slots.push_back(std::move(slot));
  return slots;
}

TEST(CrfHead, ScoresMarginalsAndLabelsThatObeyTheOrder) {
  Harness<float> harness(CrfOptions(), StepSchema(3, kRing), RingSlot());
  const SlotBounds bounds = TwoFieldBounds(3, 5, 10);
  SequenceScorer scorer(*harness.model, harness.values.data(), bounds, 2);
  const std::vector<SequenceScores> together = scorer.Score(InList(RingSlot()));
  for (Index b = 0; b < 3; ++b) {
    const SequenceScores& found = together[static_cast<std::size_t>(b)];
    ASSERT_EQ(static_cast<Index>(found.labels.size()), found.rows);
    EXPECT_TRUE(kRing.MayBeFirst(found.LabelOf(0)));
    for (Index t = 0; t < found.rows; ++t) {
      double sum = 0;
      for (Index k = 0; k < 3; ++k) {
        sum += std::exp(static_cast<double>(found.values[static_cast<std::size_t>(3 * t + k)]));
      }
      EXPECT_NEAR(sum, 1, 1e-6);
      EXPECT_TRUE(t == 0 || kRing.MayFollow(found.LabelOf(t - 1), found.LabelOf(t)));
    }
    const std::vector<SequenceScores> alone =
        scorer.Score(InList(SequenceOf(harness.model->schema(), harness.slot, b)));
    EXPECT_EQ(alone[0].values, found.values);
    EXPECT_EQ(alone[0].labels, found.labels);
  }
}

TEST(CrfHead, ScoresOfTagsComeWithTheProbabilitiesOfTheirSpans) {
  Schema schema = StepSchema(0);
  schema.vocabularies[0] = TagVocabulary(TagScheme::kBio, {"X"});
  Harness<float> harness(CrfOptions(), schema, RingSlot());
  const SpanTags spans = *SpanTags::Of(schema.vocabularies[0]);
  SequenceScorer scorer(*harness.model, harness.values.data(), TwoFieldBounds(3, 5, 10), 1);
  for (const SequenceScores& found : scorer.Score(InList(RingSlot()))) {
    std::vector<bool> begins(found.labels.size());
    for (auto span = spans.Next(found.labels, 0); span; span = spans.Next(found.labels, span->end))
      begins[static_cast<std::size_t>(span->begin)] = true;
    ASSERT_EQ(found.span_probabilities.size(), begins.size());
    for (std::size_t t = 0; t < begins.size(); ++t)
      EXPECT_EQ(found.span_probabilities[t] > 0, begins[t]);
  }
}

TEST(CrfHead, ScoresOfOtherClassesHaveNoSpans) {
  Harness<float> harness(CrfOptions(), StepSchema(3, kRing), RingSlot());
  SequenceScorer scorer(*harness.model, harness.values.data(), TwoFieldBounds(3, 5, 10), 1);
  EXPECT_TRUE(scorer.Score(InList(RingSlot()))[0].span_probabilities.empty());
}

// Labels that stay the same for about 20 steps, and inputs that tell little of a single one.
SlotBatch StickySlot(std::uint64_t seed) {
  const std::vector<Index> lengths(8, 400);
  SlotBatch slot = Slot(lengths, std::vector<std::int32_t>(8 * 400));
  const CounterRng rng(seed, RandomPurpose::kTest, 7);
  for (Index b = 0; b < 8; ++b) {
    std::int32_t label = static_cast<std::int32_t>(b % 2);
    for (Index t = 0; t < 400; ++t) {
      const Index row = slot.layout.Row(t, b);
      const auto draw = static_cast<std::uint64_t>(2 * row);
      if (rng.Uniform(draw) < 0.05) label = 1 - label;
      slot.fields[1].ids[static_cast<std::size_t>(row)] = label;
      const double x = (label == 0 ? -1 : 1) + 1.5 * rng.Normal(draw + 1);
      slot.fields[0].values[row * kWidth] = static_cast<float>(x);
    }
  }
  return slot;
}

// The share of labels that are right on new data, without recurrent layers: what one step tells.
double StickyAccuracy(const std::string& head) {
  ModelOptions options = CrfOptions(head);
  options.encoder.layers = 0;
  Harness<float> harness(options, StepSchema(2), StickySlot(1));
  harness.Train(150, 1);
  harness.slot = StickySlot(2);
  const StepSums sums = harness.Evaluate();
  return static_cast<double>(sums.counts[0]) / static_cast<double>(sums.targets);
}

TEST(CrfHead, LearnsWhichLabelsFollowEachOther) {
  const double softmax = StickyAccuracy("softmax"), crf = StickyAccuracy("crf");
  EXPECT_NEAR(softmax, 0.75, 0.03);  // the normal distribution below 1 / 1.5
  EXPECT_GT(crf, 0.88);
}

TEST(CrfHead, IsNotTheAutomaticChoice) {
  EXPECT_EQ(ResolveHead("auto", StepSchema(3)), "softmax");
  EXPECT_EQ(ResolveHead("crf", StepSchema(3)), "crf");
}

TEST(CrfHead, RefusesClassWeights) {
  ModelOptions options = CrfOptions();
  options.head.class_weights = {1, 2, 3};
  ExpectError(ExitCode::kUsage, "class_weights", [&] { MakeModel<float>(options, StepSchema(3)); });
}

TEST(CrfHead, DoesNotTakeSequencesInParts) {
  const auto carried = [](const std::string& head) {
    ModelOptions options = CrfOptions(head);
    options.encoder.bidirectional = false;
    return MakeModel<float>(options, StepSchema(3))->carried().arrays;
  };
  EXPECT_EQ(carried("crf"), 0);
  EXPECT_GT(carried("softmax"), 0);
}

}  // namespace
}  // namespace lockstep
