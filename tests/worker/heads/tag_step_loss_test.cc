// The softmax head for tags of spans, whose tags are chosen together after training.
#include <gtest/gtest.h>

#include <cmath>

#include "base/counter_rng.h"
#include "data/batch/span_tags.h"
#include "tests/support/expect_error.h"
#include "worker/heads/step_loss.h"

namespace lockstep {
namespace {

constexpr Index kTags = 5;  // O, B-A, I-A, B-B, I-B

Vocabulary Tags() { return TagVocabulary(TagScheme::kBio, {"A", "B"}); }

SlotBatch Slot(const std::vector<Index>& lengths, const std::vector<std::int32_t>& targets) {
  SlotBatch slot;
  slot.layout = PackedLayout(lengths);
  slot.fields.resize(1);
  slot.fields[0].ids = targets;
  return slot;
}

std::vector<double> RandomOutputs(Index rows) {
  const CounterRng rng(3, RandomPurpose::kTest);
  std::vector<double> outputs;
  for (Index i = 0; i < rows * kTags; ++i)
    outputs.push_back(2 * rng.Normal(static_cast<std::uint64_t>(i)));
  return outputs;
}

class TagStepLoss : public testing::Test {
 protected:
  std::unique_ptr<StepLoss<double>> loss_ =
      MakeTagStepLoss<double>(0, Tags(), MakeSoftmaxLoss<double>(kTags, {}));
  Workspace workspace_{Index{1} << 20};
};

// Calls use(tags) for each sequence of tags that the scheme allows.
template <typename Use>
void ForEachAllowed(std::size_t steps, const Use& use) {
  const LabelOrder order = Tags().order;
  std::vector<std::int32_t> tags(steps, 0);
  for (;;) {
    bool allowed = order.MayBeFirst(tags[0]);
    for (std::size_t t = 1; t < steps; ++t)
      allowed = allowed && order.MayFollow(tags[t - 1], tags[t]);
    if (allowed) use(tags);
    std::size_t t = 0;
    while (t < steps && ++tags[t] == kTags) tags[t++] = 0;
    if (t == steps) return;
  }
}

TEST_F(TagStepLoss, ChoosesTheAllowedTagsWithTheLargestProduct) {
  const std::vector<double> outputs = RandomOutputs(20);
  const SlotBatch slot = Slot({4, 4, 4, 4, 4}, std::vector<std::int32_t>(20, 0));
  std::vector<std::int32_t> found(20);
  loss_->ChooseLabels(slot.layout, outputs.data(), found.data(), &workspace_);
  for (Index b = 0; b < 5; ++b) {
    double best = -1e9, score_of_found = 0;
    const auto score = [&](Index t, std::int32_t tag) {
      return outputs[static_cast<std::size_t>(slot.layout.Row(t, b) * kTags + tag)];
    };
    ForEachAllowed(4, [&](const std::vector<std::int32_t>& tags) {
      double sum = 0;
      for (Index t = 0; t < 4; ++t) sum += score(t, tags[static_cast<std::size_t>(t)]);
      best = std::max(best, sum);
    });
    for (Index t = 0; t < 4; ++t)
      score_of_found += score(t, found[static_cast<std::size_t>(slot.layout.Row(t, b))]);
    EXPECT_DOUBLE_EQ(score_of_found, best) << "sequence " << b;
  }
}

TEST_F(TagStepLoss, CountsSpansAndTagsThatWereChosenTogether) {
  // Alone, the second step would be I-B, which may not follow B-A: then I-A is the best.
  const SlotBatch slot = Slot({3}, {1, 2, 0});
  const std::vector<double> outputs = {0, 9, 0, 0, 0, 0, 0, 3, 0, 5, 4, 0, 0, 0, 0};
  StepSums sums;
  ClassTally tally(kTags);
  loss_->AddLoss(slot, {0, 3}, outputs.data(), &workspace_, &sums, &tally);
  EXPECT_EQ(sums.targets, 3);
  EXPECT_EQ(sums.counts[0], 3);
  EXPECT_EQ(sums.counts[StepSums::kHits], 1);
  EXPECT_EQ(sums.counts[StepSums::kFalseAlarms], 0);
  EXPECT_EQ(sums.counts[StepSums::kMisses], 0);
  EXPECT_EQ(loss_->metrics()[0].of(sums, tally), 1);
}

TEST_F(TagStepLoss, TrainsEachStepByItself) {
  const SlotBatch slot = Slot({3, 2}, {1, 0, 2, -1, 4});
  std::vector<double> outputs = RandomOutputs(5), plain = outputs;
  StepSums sums, expected;
  loss_->SetGradient(slot, {0, 5}, outputs.data(), &workspace_, &sums);
  MakeSoftmaxLoss<double>(kTags, {})->SetGradient(slot.fields[0], {0, 5}, plain.data(), &expected);
  EXPECT_EQ(outputs, plain);
  EXPECT_EQ(sums.loss, expected.loss);
}

TEST_F(TagStepLoss, F1IsThatOfAllTypesTogether) {
  const TaskMetric f1 = SpanF1Metric();
  StepSums sums;
  EXPECT_EQ(f1.of(sums, ClassTally(0)), 0) << "nothing to find, as conlleval says";
  sums.counts[StepSums::kHits] = 3;
  sums.counts[StepSums::kFalseAlarms] = 1;
  sums.counts[StepSums::kMisses] = 2;
  const double precision = 3.0 / 4, recall = 3.0 / 5;
  EXPECT_DOUBLE_EQ(f1.of(sums, ClassTally(0)), 2 * precision * recall / (precision + recall));
}

TEST_F(TagStepLoss, OtherClassesAreRefused) {
  ExpectError(ExitCode::kUsage, "no tags of spans", [] {
    MakeTagStepLoss<double>(0, TagVocabulary(TagScheme::kPlain, {"NN", "VB"}),
                            MakeSoftmaxLoss<double>(2, {}));
  });
}

}  // namespace
}  // namespace lockstep
