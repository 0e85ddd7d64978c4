// The heads of sets of labels, "sigmoid" for one set per step and "pooled_sigmoid" for one per
// sequence, with inputs that are several switches per step.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

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
constexpr Index kSwitches = 3, kLabels = 4;
const std::vector<Index> kLengths = {5, 3, 1};

Schema SetSchema(Alignment alignment) {
  Schema schema;
  schema.vocabularies = {UnnamedVocabulary("key", 2), UnnamedVocabulary("labels", kLabels)};
  schema.fields = {{.name = "inputs", .width = kSwitches, .vocabulary = 0},
                   {.name = "targets",
                    .type = ElementType::kInt32,
                    .alignment = alignment,
                    .role = FieldRole::kTarget,
                    .vocabulary = 1}};
  return schema;
}

// Row r of the targets has the labels of the bits of 5 r + 3, those below `first` left out.
SlotBatch Slot(Alignment alignment) {
  SlotBatch slot;
  slot.layout = PackedLayout(kLengths);
  slot.sample_ids = {1, 2, 3};
  slot.fields.resize(2);
  const CounterRng rng(kSeed, RandomPurpose::kTest);
  for (Index i = 0; i < slot.layout.rows() * kSwitches; ++i)
    slot.fields[0].ids.push_back(
        static_cast<std::int32_t>(rng.Below(static_cast<std::uint64_t>(i), 2)));
  const bool per_step = alignment == Alignment::kListInStep;
  const Index rows = per_step ? slot.layout.rows() : 3;
  slot.fields[1].offsets = {0};
  for (Index row = 0; row < rows; ++row) {
    for (std::int32_t k = per_step ? 0 : 1; k < kLabels; ++k) {
      if ((5 * row + 3) >> k & 1) slot.fields[1].ids.push_back(k);
    }
    slot.fields[1].offsets.push_back(std::ssize(slot.fields[1].ids));
  }
  return slot;
}

// A model in double with its slot; no byte of workspace more than it asked for.
struct Harness {
  Harness(const ModelOptions& options, Alignment alignment)
      : model(MakeModel<double>(options, SetSchema(alignment))),
        slot(Slot(alignment)),
        workspace(
            model->WorkspaceBytes({3, 5, slot.layout.rows(), {slot.layout.rows(), 40}, {5, 20}})),
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

ModelOptions Options(bool bidirectional = false) {
  ModelOptions options;
  options.encoder.hidden_size = 3;
  options.encoder.bidirectional = bidirectional;
  return options;
}

TEST(SigmoidHead, GradientsAgreeWithFiniteDifferences) {
  for (const CellKind cell : {CellKind::kRnnTanh, CellKind::kGru, CellKind::kLstm}) {
    ModelOptions options = Options();
    options.encoder.cell = cell;
    options.encoder.output_dropout = 0.3;
    options.encoder.input_dropout = 0.2;
    const GradientCheck check = Harness(options, Alignment::kListInStep).Check();
    EXPECT_LE(check.worst_error, kGradientTolerance) << CellName(cell) << " " << check;
  }
}

TEST(PooledSigmoidHead, GradientsAgreeWithFiniteDifferences) {
  for (const char* pooling : {"last", "mean+attention"}) {
    ModelOptions options = Options(true);
    options.head.head = "pooled_sigmoid";
    options.head.pooling = pooling;
    const GradientCheck check = Harness(options, Alignment::kList).Check();
    EXPECT_LE(check.worst_error, kGradientTolerance) << pooling << " " << check;
  }
}

// All parameters zero: each label has probability 1/2, and none is found.
TEST(SigmoidHead, AModelOfZerosHasLogTwoPerLabel) {
  for (const Alignment alignment : {Alignment::kListInStep, Alignment::kList}) {
    ModelOptions options = Options();
    if (alignment == Alignment::kList) options.head.head = "pooled_sigmoid";
    Harness harness(options, alignment);
    std::fill_n(harness.values.data(), harness.values.size(), 0.0);
    const StepSums sums = harness.Run();
    const bool per_step = alignment == Alignment::kListInStep;
    EXPECT_EQ(sums.targets, per_step ? 9 : 3);
    const double labels = per_step ? kLabels : kLabels - 1;  // label 0 of a list is none
    EXPECT_NEAR(sums.loss / static_cast<double>(sums.targets), labels * std::log(2.0), 1e-12);
    EXPECT_EQ(sums.counts[StepSums::kMisses], std::ssize(harness.slot.fields[1].ids));
  }
}

TEST(SigmoidHead, EvaluateCountsEachLabel) {
  Harness harness(Options(), Alignment::kListInStep);
  ClassTally tally(TallyClasses(harness.model->metrics()));
  Heartbeat observer(&tally);
  const StepSums sums =
      harness.model->Evaluate(harness.slot, harness.values.data(), &harness.workspace, &observer);
  Index hits = 0, truths = 0;
  for (Index k = 0; k < kLabels; ++k) {
    hits += tally.right(k);
    truths += tally.truths(k);
  }
  EXPECT_EQ(hits, sums.counts[StepSums::kHits]);
  EXPECT_EQ(truths, std::ssize(harness.slot.fields[1].ids));
}

TEST(SigmoidHead, TheTargetChoosesTheHead) {
  EXPECT_EQ(ResolveHead("auto", SetSchema(Alignment::kListInStep)), "sigmoid");
  EXPECT_EQ(ResolveHead("auto", SetSchema(Alignment::kList)), "ctc");
  ExpectError(ExitCode::kUsage, "fitting heads: sigmoid",
              [] { ResolveHead("softmax", SetSchema(Alignment::kListInStep)); });
  ModelOptions options = Options();
  options.head.class_weights.assign(kLabels, 1);
  ExpectError(ExitCode::kUsage, "model.class_weights does not go with sets of labels",
              [&] { MakeModel<float>(options, SetSchema(Alignment::kListInStep)); });
  options = Options();
  options.head.head = "pooled_sigmoid";
  options.head.label_texts = {"a", "b"};
  ExpectError(ExitCode::kUsage, "the labels of the corpus spell a text",
              [&] { MakeModel<float>(options, SetSchema(Alignment::kList)); });
  options = Options();
  options.head.label_smoothing = 0.1;
  ExpectError(ExitCode::kUsage, "model.label_smoothing is 0.1",
              [&] { MakeModel<float>(options, SetSchema(Alignment::kListInStep)); });
}

}  // namespace
}  // namespace lockstep
