// Models whose target is the input of the next step.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/expect_error.h"
#include "worker/models/model_factory.h"

namespace lockstep {
namespace {

constexpr Index kSymbols = 37;

// The schema of batches of a stream of symbols.
Schema StreamSchema() {
  Schema schema;
  schema.vocabularies = {{"symbols", std::vector<std::string>(kSymbols, "x"), {}, -1}};
  schema.vocabularies[0].start = 0;
  schema.fields = {{.name = "inputs", .type = ElementType::kInt32, .vocabulary = 0}};
  schema.predicts_next = true;
  return schema.WithDerivedTarget();
}

ModelOptions OneDirection() {
  ModelOptions options;
  options.encoder.bidirectional = false;
  options.encoder.hidden_size = 5;
  return options;
}

SlotBatch TwoSequences() {
  SlotBatch slot;
  slot.layout = PackedLayout({4, 3});
  slot.sample_ids = {0, 1};
  slot.fields.resize(2);
  slot.fields[0].ids = {0, 0, 1, 5, 2, 6, 3};
  slot.fields[1].ids = {1, 5, 2, 6, 3, 7, 36};
  return slot;
}

TEST(NextSymbol, AModelOfZerosHasThePerplexityOfItsVocabulary) {
  const auto model = MakeModel<double>(OneDirection(), StreamSchema());
  const SlotBatch slot = TwoSequences();
  const AlignedBuffer<double> values(model->layout().size());
  Workspace workspace(model->WorkspaceBytes({2, 4, 7, {7, 7}, {4, 4}}));
  const StepSums sums = model->Evaluate(slot, values.data(), &workspace);
  EXPECT_EQ(sums.targets, 7);
  EXPECT_NEAR(sums.loss, 7 * std::log(37.0), 1e-12);
  ASSERT_EQ(model->metrics().size(), 1u);
  EXPECT_STREQ(model->metrics()[0].name, "perplexity");
  EXPECT_NEAR(model->metrics()[0].of(sums, ClassTally(0)), 37, 1e-11);
  EXPECT_EQ(TallyClasses(model->metrics()), 0);
}

TEST(NextSymbol, EvaluationInTwoStepsHasTheSameBits) {
  const auto model = MakeModel<float>(OneDirection(), StreamSchema());
  const SlotBatch slot = TwoSequences();
  AlignedBuffer<float> values(model->layout().size());
  InitialiseParameters<float>(model->layout(), 3, values.span());
  const Index bytes = model->WorkspaceBytes({2, 4, 7, {7, 7}, {4, 4}});
  Workspace whole(bytes), layers(bytes), outputs(bytes);
  const StepSums expected = model->Evaluate(slot, values.data(), &whole);
  const DividedEvaluation<float>* const divided = model->divided();
  ASSERT_NE(divided, nullptr);
  const float* const features = divided->FeaturesOf(slot, values.data(), &layers);
  const Index count = slot.layout.rows() * divided->feature_width();
  float* const copy = outputs.Take<float>(count);
  std::copy_n(features, count, copy);
  SlotBatch targets;  // all that the second step may read
  targets.layout = slot.layout;
  targets.fields.resize(2);
  targets.fields[1].ids = slot.fields[1].ids;
  const StepSums sums = divided->EvaluateFeatures(targets, values.data(), copy, &outputs);
  EXPECT_EQ(sums.loss, expected.loss);
  EXPECT_EQ(sums.targets, expected.targets);
  EXPECT_EQ(sums.counts, expected.counts);
}

TEST(NextSymbol, TargetsOfAStreamAreNotScoredTogether) {
  ModelOptions options = OneDirection();
  for (const char* head : {"crf", "ctc"}) {
    options.head.head = head;
    ExpectError(ExitCode::kUsage, "fitting heads: softmax",
                [&] { MakeModel<float>(options, StreamSchema()); });
  }
}

TEST(NextSymbol, ModelsThatReadAheadAreRefused) {
  ModelOptions options = OneDirection();
  options.encoder.bidirectional = true;
  ExpectError(ExitCode::kUsage, "set model.bidirectional = false",
              [&] { MakeModel<float>(options, StreamSchema()); });
  options = OneDirection();
  options.encoder.lookahead = {2};
  ExpectError(ExitCode::kUsage, "set model.lookahead = 0",
              [&] { MakeModel<float>(options, StreamSchema()); });
  Schema other = StreamSchema();
  other.predicts_next = false;
  EXPECT_NE(MakeModel<float>(options, other), nullptr);
}

}  // namespace
}  // namespace lockstep
