// Batches of targets that have steps of their own, from the corpus to the packed slot.
#include <gtest/gtest.h>

#include "data/stream/batch_stream.h"
#include "data/stream/stream_bounds.h"
#include "tests/data/small_corpus.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

// Sample i has 1 + 3 i mod 11 steps, and its target 1 + 5 i mod 17: longer and shorter ones.
constexpr Index kSamples = 50;
Index StepsOf(Index sample) { return 1 + sample * 3 % 11; }
Index TargetStepsOf(Index sample) { return 1 + sample * 5 % 17; }
std::int32_t WordOf(Index sample, Index step) {
  return static_cast<std::int32_t>((sample * 31 + step * 7) % 90);
}

CorpusInfo WritePairs(const std::string& folder) {
  CorpusInfo info;
  info.kind = "translation";
  info.schema.vocabularies = {{"words", std::vector<std::string>(90, "x"), {}, -1}};
  info.schema.fields = {{.name = "inputs", .type = ElementType::kInt32, .vocabulary = 0},
                        {.name = "targets",
                         .type = ElementType::kInt32,
                         .alignment = Alignment::kOwnSteps,
                         .role = FieldRole::kTarget,
                         .vocabulary = 0}};
  CorpusWriter writer(folder, info, {"train"}, 300);
  for (Index sample = 0; sample < kSamples; ++sample) {
    std::vector<std::int32_t> source, target;
    for (Index t = 0; t < StepsOf(sample); ++t) source.push_back(WordOf(sample, t));
    for (Index t = 0; t < TargetStepsOf(sample); ++t) target.push_back(WordOf(sample + 1, t));
    writer.Add("train", {{std::as_bytes(std::span(source)), std::as_bytes(std::span(target))},
                         StepsOf(sample)});
  }
  return writer.Finish("{}");
}

class OwnStepsTest : public testing::Test {
 protected:
  StreamOptions Options() const {
    StreamOptions options;
    options.plan = {3, 12, 3, 30, true};
    options.last_epoch = 1;
    return options;
  }
  BatchStream Stream() {
    return BatchStream(folder_.path(), info_, "train", Options(), {0, 3}, {});
  }

  TempFolder folder_;
  CorpusInfo info_ = WritePairs(folder_.path());
};

void ExpectTargets(const SlotBatch& slot) {
  const FieldBatch& target = slot.fields[1];
  ASSERT_EQ(std::ssize(target.sequence_of), slot.layout.sequences());
  for (Index k = 0; k < target.layout.sequences(); ++k) {
    const Index b = target.sequence_of[static_cast<std::size_t>(k)];
    const auto sample = static_cast<Index>(slot.sample_ids[static_cast<std::size_t>(b)]);
    ASSERT_EQ(slot.layout.Length(b), StepsOf(sample));
    ASSERT_EQ(target.layout.Length(k), TargetStepsOf(sample));
    for (Index t = 0; t < TargetStepsOf(sample); ++t) {
      const auto row = static_cast<std::size_t>(target.layout.Row(t, k));
      ASSERT_EQ(target.ids[row], WordOf(sample + 1, t));
    }
  }
}

TEST_F(OwnStepsTest, EachTargetIsPackedByItsOwnLengthBesideItsSource) {
  BatchStream stream = Stream();
  const SlotBounds bounds = BoundsOf(info_, info_.Split("train"), Options());
  while (const auto batch = stream.Next()) {
    Index target_steps = 0;
    for (const SlotBatch& slot : batch->slots) {
      ExpectTargets(slot);
      const PackedLayout& layout = slot.fields[1].layout;
      target_steps += layout.rows();
      EXPECT_LE(layout.rows(), bounds.field_rows[1]);
      EXPECT_LE(layout.steps(), bounds.longest[1]);
    }
    EXPECT_EQ(batch->target_steps, target_steps);
  }
}

// Sources alone would be dealt evenly, too; with their targets, slots differ by up to 40 %.
TEST_F(OwnStepsTest, SlotsAreDealtByTheWorkOfSourceAndTarget) {
  BatchStream stream = Stream();
  while (const auto batch = stream.Next()) {
    Index heaviest = 0, all = 0;
    for (const SlotBatch& slot : batch->slots) {
      const Index work = slot.layout.rows() + slot.fields[1].layout.rows();
      heaviest = std::max(heaviest, work);
      all += work;
    }
    EXPECT_LE(static_cast<double>(heaviest) * 3, 1.25 * static_cast<double>(all));
  }
}

}  // namespace
}  // namespace lockstep
