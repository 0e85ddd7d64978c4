#include "worker/models/ensemble_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/counter_rng.h"
#include "data/batch/span_tags.h"
#include "tests/support/expect_error.h"
#include "tests/support/small_model.h"
#include "worker/decode/sequence_scorer.h"
#include "worker/models/model_factory.h"

namespace lockstep {
namespace {

constexpr double kTolerance = 1e-6;  // of scores in float
constexpr Index kWidth = 2;

// Real inputs and a class for each step or for each sequence.
Schema ClassSchema(Index classes, Alignment alignment = Alignment::kStep) {
  Schema schema =
      TwoFieldSchema({.type = ElementType::kFloat32, .width = kWidth}, {},
                     {.type = ElementType::kInt32}, UnnamedVocabulary("classes", classes));
  schema.fields[1].alignment = alignment;
  return schema;
}

using Targets = std::vector<std::int32_t>;

SlotBatch SlotOf(const Targets& targets) {
  SlotBatch slot;
  slot.layout = PackedLayout({4, 2});
  slot.sample_ids = {0, 1};
  slot.fields.resize(2);
  slot.fields[0].values = AlignedBuffer<float>(slot.layout.rows() * kWidth);
  const CounterRng rng(3, RandomPurpose::kTest);
  for (Index i = 0; i < slot.fields[0].values.size(); ++i)
    slot.fields[0].values[i] = static_cast<float>(rng.Normal(static_cast<std::uint64_t>(i)));
  slot.fields[1].ids = targets;
  return slot;
}

// Untrained models with these heads and random parameters, and the ensemble of all of them.
class Ensemble {
 public:
  Ensemble(const Schema& schema, const std::vector<std::string>& heads) {
    std::vector<std::unique_ptr<Model<float>>> members;
    for (std::size_t i = 0; i < heads.size(); ++i) {
      ModelOptions options;
      options.encoder.hidden_size = 3 + static_cast<Index>(i);
      options.head.head = heads[i];
      members.push_back(MakeModel<float>(options, schema));
      singles_.push_back(MakeModel<float>(options, schema));
      AlignedBuffer<float> values(members.back()->layout().size());
      const CounterRng rng(1 + i, RandomPurpose::kTest);
      for (Index v = 0; v < values.size(); ++v)
        values[v] = static_cast<float>(rng.Normal(static_cast<std::uint64_t>(v)));
      all_values_.insert(all_values_.end(), values.span().begin(), values.span().end());
      values_.push_back(std::move(values));
    }
    model_ = std::make_unique<EnsembleModel>(std::move(members));
  }

  std::vector<SequenceScores> Scores(const Targets& targets) const {
    return ScoresOf(*model_, all_values_.data(), targets);
  }
  std::vector<SequenceScores> ScoresOfMember(std::size_t i, const Targets& targets) const {
    return ScoresOf(*singles_[i], values_[i].data(), targets);
  }
  StepSums Evaluate(const SlotBatch& slot) const {
    Workspace workspace(model_->WorkspaceBytes(BoundsOf(slot)));
    return model_->Evaluate(slot, all_values_.data(), &workspace);
  }

 private:
  static SlotBounds BoundsOf(const SlotBatch& slot) {
    return TwoFieldBounds(slot.layout.sequences(), slot.layout.steps(), slot.layout.rows());
  }
  static std::vector<SequenceScores> ScoresOf(const Model<float>& model, const float* values,
                                              const Targets& targets) {
    std::vector<SlotBatch> slots;
    slots.push_back(SlotOf(targets));
    return SequenceScorer(model, values, BoundsOf(slots[0]), 1).Score(slots);
  }

  std::vector<std::unique_ptr<Model<float>>> singles_;
  std::vector<AlignedBuffer<float>> values_;
  std::vector<float> all_values_;
  std::unique_ptr<EnsembleModel> model_;
};

// The softmax of row `row` of `width` scores.
std::vector<double> Softmax(const SequenceScores& scores, std::size_t row, std::size_t width) {
  std::vector<double> p;
  double sum = 0;
  for (std::size_t c = 0; c < width; ++c) {
    p.push_back(std::exp(static_cast<double>(scores.values[row * width + c])));
    sum += p.back();
  }
  for (double& x : p) x /= sum;
  return p;
}

TEST(EnsembleModel, AveragesTheProbabilitiesOfItsMembers) {
  for (const Alignment alignment : {Alignment::kStep, Alignment::kSequence}) {
    const bool per_step = alignment == Alignment::kStep;
    const Ensemble ensemble(ClassSchema(3, alignment),
                            {"auto", per_step ? "crf" : "pooled", "auto"});
    const Targets targets(per_step ? 6 : 2, 0);
    const std::vector<SequenceScores> found = ensemble.Scores(targets);
    for (std::size_t b = 0; b < 2; ++b) {
      for (std::size_t row = 0; row < static_cast<std::size_t>(found[b].rows); ++row) {
        std::vector<double> mean(3);
        for (std::size_t i = 0; i < 3; ++i) {
          const auto p = Softmax(ensemble.ScoresOfMember(i, targets)[b], row, 3);
          for (std::size_t c = 0; c < 3; ++c) mean[c] += p[c] / 3;
        }
        for (std::size_t c = 0; c < 3; ++c)
          EXPECT_NEAR(std::exp(static_cast<double>(found[b].values[3 * row + c])), mean[c],
                      kTolerance);
      }
    }
  }
}

// Rows by time: b0, b1, b0, b1, b0, b0; the target of row 2 is not known.
TEST(EnsembleModel, TheLossIsThatOfTheMeanProbabilities) {
  const Ensemble ensemble(ClassSchema(3), {"softmax", "crf"});
  const Targets targets = {0, 1, -1, 2, 2, 0};
  const SlotBatch slot = SlotOf(targets);
  const std::vector<SequenceScores> found = ensemble.Scores(targets);
  double loss = 0;
  Index right = 0;
  for (Index b = 0; b < 2; ++b) {
    for (Index t = 0; t < slot.layout.Length(b); ++t) {
      const std::int32_t target = targets[static_cast<std::size_t>(slot.layout.Row(t, b))];
      if (target < 0) continue;
      const SequenceScores& of_sequence = found[static_cast<std::size_t>(b)];
      loss -= static_cast<double>(of_sequence.values[static_cast<std::size_t>(3 * t + target)]);
      right += of_sequence.LabelOf(t) == target ? 1 : 0;
    }
  }
  const StepSums sums = ensemble.Evaluate(slot);
  EXPECT_NEAR(sums.loss, loss, kTolerance);
  EXPECT_EQ(sums.targets, 5);
  EXPECT_EQ(sums.counts[0], right);
}

TEST(EnsembleModel, TagsNeverBreakTheirScheme) {
  Schema schema = ClassSchema(0);
  schema.vocabularies[0] = TagVocabulary(TagScheme::kIobes, {"X", "Y"});
  const LabelOrder& order = schema.vocabularies[0].order;
  const Ensemble ensemble(schema, {"crf", "softmax", "crf"});
  for (const SequenceScores& found : ensemble.Scores({0, 0, 0, 0, 0, 0})) {
    EXPECT_TRUE(order.MayBeFirst(found.LabelOf(0)));
    for (Index t = 1; t < found.rows; ++t)
      EXPECT_TRUE(order.MayFollow(found.LabelOf(t - 1), found.LabelOf(t)));
  }
}

TEST(EnsembleModel, AnEmptySlotHasNoLoss) {
  const Ensemble ensemble(ClassSchema(3), {"softmax", "softmax"});
  SlotBatch slot;
  slot.layout = PackedLayout(std::vector<Index>());
  slot.fields.resize(2);
  EXPECT_EQ(ensemble.Evaluate(slot).targets, 0);
}

TEST(EnsembleModel, RefusesMembersThatDoNotFit) {
  const auto members = [](const std::vector<Schema>& schemas) {
    std::vector<std::unique_ptr<Model<float>>> made;
    for (const Schema& schema : schemas) made.push_back(MakeModel<float>({}, schema));
    return made;
  };
  ExpectError(ExitCode::kUsage, "must have the same inputs and classes", [&] {
    EnsembleModel ensemble(members({ClassSchema(3), ClassSchema(4)}));
  });
  Schema real = ClassSchema(3);
  real.fields[1] = {.name = "targets", .type = ElementType::kFloat32, .role = FieldRole::kTarget};
  real.vocabularies.clear();
  ExpectError(ExitCode::kUsage, "one class per step or per sequence",
              [&] { EnsembleModel ensemble(members({real})); });
  ExpectError(ExitCode::kUsage, "one class per step or per sequence",
              [&] { EnsembleModel ensemble(members({ClassSchema(3, Alignment::kList)})); });
}

}  // namespace
}  // namespace lockstep
