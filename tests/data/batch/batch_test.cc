#include "data/batch/batch.h"

#include <gtest/gtest.h>

#include <numeric>

namespace lockstep {
namespace {

TEST(PackedLayout, WithoutSequencesHasNoRows) {
  const PackedLayout layout{std::vector<Index>{}};
  EXPECT_EQ(layout.sequences(), 0);
  EXPECT_EQ(layout.steps(), 0);
  EXPECT_EQ(layout.rows(), 0);
}

TEST(PackedLayout, CountsTheSequencesThatStillRun) {
  const PackedLayout layout({4, 2, 2, 1});
  EXPECT_EQ(layout.sequences(), 4);
  EXPECT_EQ(layout.steps(), 4);
  EXPECT_EQ(layout.rows(), 9);
  const std::vector<Index> active{4, 3, 1, 1};
  const std::vector<Index> row_start{0, 4, 7, 8};
  for (Index t = 0; t < layout.steps(); ++t) {
    EXPECT_EQ(layout.active(t), active[static_cast<std::size_t>(t)]);
    EXPECT_EQ(layout.row_start(t), row_start[static_cast<std::size_t>(t)]);
  }
  EXPECT_EQ(layout.row_start(4), layout.rows());
}

TEST(PackedLayout, GivesEachStepOfEachSequenceARowOfItsOwn) {
  const std::vector<Index> lengths{7, 7, 5, 3, 3, 1};
  const PackedLayout layout(lengths);
  std::vector<int> used(static_cast<std::size_t>(layout.rows()), 0);
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    for (Index t = 0; t < lengths[b]; ++t) {
      ++used[static_cast<std::size_t>(layout.Row(t, static_cast<Index>(b)))];
    }
  }
  EXPECT_EQ(used, std::vector<int>(used.size(), 1));
}

TEST(PackedLayout, KnowsTheLengthOfEachSequence) {
  const std::vector<Index> lengths{7, 7, 5, 3, 3, 1};
  const PackedLayout layout(lengths);
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    EXPECT_EQ(layout.Length(static_cast<Index>(b)), lengths[b]);
  }
}

// Two sequences of 3 and 2 steps; rows by time: both, both, the first.
SlotBatch TwoSequences() {
  SlotBatch slot;
  slot.layout = PackedLayout({3, 2});
  slot.sample_ids = {70, 80};
  return slot;
}

Schema OfFields(const std::vector<Field>& fields) {
  Schema schema;
  schema.fields = fields;
  return schema;
}

TEST(SequenceOf, TakesIdsPerStepOfOneSequence) {
  SlotBatch slot = TwoSequences();
  slot.fields.resize(2);
  slot.fields[0].ids = {0, 10, 1, 11, 2};
  slot.fields[1].ids = {5, 15, 6, 16, 7};
  const SlotBatch one = SequenceOf(OfFields({{}, {}}), slot, 1);
  EXPECT_EQ(one.layout.Length(0), 2);
  EXPECT_EQ(one.sample_ids, std::vector<std::uint64_t>{80});
  EXPECT_EQ(one.fields[0].ids, (std::vector<std::int32_t>{10, 11}));
  EXPECT_EQ(one.fields[1].ids, (std::vector<std::int32_t>{15, 16}));
}

TEST(SequenceOf, TakesRealValuesAndListsOfTheirOwnLength) {
  SlotBatch slot = TwoSequences();
  slot.fields.resize(2);
  slot.fields[0].values = AlignedBuffer<float>(10);
  std::iota(slot.fields[0].values.span().begin(), slot.fields[0].values.span().end(), 0.0f);
  slot.fields[1].ids = {1, 2, 3};
  slot.fields[1].offsets = {0, 1, 3};
  const Schema schema =
      OfFields({{.type = ElementType::kFloat32, .width = 2}, {.alignment = Alignment::kList}});
  const SlotBatch one = SequenceOf(schema, slot, 0);
  EXPECT_EQ(std::vector<float>(one.fields[0].values.data(), one.fields[0].values.data() + 6),
            (std::vector<float>{0, 1, 4, 5, 8, 9}));
  EXPECT_EQ(one.fields[1].ids, std::vector<std::int32_t>{1});
  EXPECT_EQ(one.fields[1].offsets, (std::vector<Index>{0, 1}));
}

TEST(SequenceOf, TakesTheRowOfASequenceAndTheListsOfItsSteps) {
  SlotBatch slot = TwoSequences();
  slot.fields.resize(2);
  slot.fields[0].ids = {4, 9};
  slot.fields[1].ids = {1, 2, 3, 4, 5, 6};  // rows: [1] [2 3] [] [4] [5 6]
  slot.fields[1].offsets = {0, 1, 3, 3, 4, 6};
  const Schema schema =
      OfFields({{.alignment = Alignment::kSequence}, {.alignment = Alignment::kListInStep}});
  const SlotBatch one = SequenceOf(schema, slot, 1);
  EXPECT_EQ(one.fields[0].ids, std::vector<std::int32_t>{9});
  EXPECT_EQ(one.fields[1].ids, (std::vector<std::int32_t>{2, 3, 4}));
  EXPECT_EQ(one.fields[1].offsets, (std::vector<Index>{0, 2, 3}));
}

TEST(SequenceOf, FindsASequenceInALayoutOfItsOwn) {
  SlotBatch slot = TwoSequences();
  slot.fields.resize(1);
  slot.fields[0].layout = PackedLayout({4, 1});
  slot.fields[0].sequence_of = {1, 0};  // the second sequence has the longer one
  slot.fields[0].ids = {10, 50, 11, 12, 13};
  const SlotBatch one = SequenceOf(OfFields({{.alignment = Alignment::kOwnSteps}}), slot, 1);
  EXPECT_EQ(one.fields[0].layout.Length(0), 4);
  EXPECT_EQ(one.fields[0].ids, (std::vector<std::int32_t>{10, 11, 12, 13}));
}

TEST(DealSlots, CoversAllSlotsInOrderAndDiffersByAtMostOne) {
  for (Index slots : {1, 7, 8, 64}) {
    for (Index count : {1, 2, 3, 5, 8, 13}) {
      Index next = 0;
      for (Index which = 0; which < count; ++which) {
        const SlotRange range = DealSlots(slots, which, count);
        EXPECT_EQ(range.first, next);
        EXPECT_GE(range.size(), slots / count);
        EXPECT_LE(range.size(), (slots + count - 1) / count);
        next = range.last;
      }
      EXPECT_EQ(next, slots);
    }
  }
}

}  // namespace
}  // namespace lockstep
