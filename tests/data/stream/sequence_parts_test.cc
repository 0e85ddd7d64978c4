// Batches that come in parts: every step of every sample once, in order, in one place of one slot.
#include "data/stream/sequence_parts.h"

#include <gtest/gtest.h>

#include <map>

#include "data/music/chorales.h"
#include "data/music/music_corpus.h"
#include "data/stream/batch_stream.h"
#include "tests/data/small_corpus.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

constexpr Index kPartSteps = 8;

class SequencePartsTest : public testing::Test {
 protected:
  BatchStream Stream(SlotRange range = {0, 4}, Cursor start = {}) {
    return BatchStream(folder_.path(), info_, "train", Options(), range, start);
  }
  static StreamOptions Options() {
    StreamOptions options;
    options.plan = {3, 7, 4, 20, true};
    options.last_epoch = 1;
    options.part_steps = kPartSteps;
    return options;
  }

  TempFolder folder_;
  std::vector<Index> lengths_ = MixedLengths(60, 50);
  CorpusInfo info_ = WriteDnaCorpus(folder_.path(), lengths_, 300);
};

TEST_F(SequencePartsTest, GiveEveryStepOfEverySampleOnceAndInOrder) {
  std::map<std::pair<Index, std::uint64_t>, Index> seen;  // steps of a sample in an epoch
  std::map<std::uint64_t, std::pair<std::size_t, Index>> place;
  BatchStream stream = Stream();
  while (const auto batch = stream.Next()) {
    for (std::size_t s = 0; s < batch->slots.size(); ++s) {
      const SlotBatch& slot = batch->slots[s];
      for (Index b = 0; b < slot.layout.sequences(); ++b) {
        const std::uint64_t id = slot.sample_ids[static_cast<std::size_t>(b)];
        Index& steps = seen[{batch->cursor.epoch, id}];
        ASSERT_EQ(steps, batch->cursor.part * kPartSteps);
        if (steps == 0) place[id] = {s, b};
        ASSERT_EQ(place[id], std::make_pair(s, b)) << "its state lies there";
        for (Index t = 0; t < slot.layout.Length(b); ++t, ++steps) {
          const auto row = static_cast<std::size_t>(slot.layout.Row(t, b));
          ASSERT_EQ(slot.fields[0].ids[row], SymbolOf(static_cast<Index>(id), steps));
          const int target = TargetOf(static_cast<Index>(id), steps);
          ASSERT_EQ(slot.fields[1].ids[row], target == 255 ? kIgnoredTarget : target);
        }
      }
    }
  }
  ASSERT_EQ(seen.size(), 2 * lengths_.size());
  for (const auto& [which, steps] : seen) EXPECT_EQ(steps, lengths_[which.second]);
}

TEST_F(SequencePartsTest, CountTheWholeGlobalBatchOnEveryRank) {
  BatchStream all = Stream(), first = Stream({0, 1}), last = Stream({3, 4});
  Index begun = 0;
  while (const auto batch = all.Next()) {
    Index sequences = 0, steps = 0;
    for (const SlotBatch& slot : batch->slots) {
      sequences += slot.layout.sequences();
      steps += slot.layout.rows();
    }
    for (BatchStream* stream : {&first, &last}) {
      const auto share = stream->Next();
      ASSERT_NE(share, nullptr);
      ASSERT_EQ(share->cursor, batch->cursor) << "a rank whose slots are done goes on";
      EXPECT_EQ(share->sequences, sequences);
      EXPECT_EQ(share->steps, steps);
      EXPECT_EQ(share->begun, batch->begun);
    }
    EXPECT_EQ(batch->sequences, sequences);
    EXPECT_EQ(batch->steps, steps);
    begun += batch->begun;
  }
  EXPECT_EQ(first.Next(), nullptr);
  EXPECT_EQ(begun, 2 * static_cast<Index>(lengths_.size()));
}

TEST_F(SequencePartsTest, GoOnFromAnyPart) {
  BatchStream stream = Stream();
  std::vector<std::unique_ptr<RankBatch>> batches;
  std::vector<Cursor> cursors = {Cursor{}};
  while (auto batch = stream.Next()) {
    batches.push_back(std::move(batch));
    cursors.push_back(stream.cursor());
  }
  ASSERT_GT(batches.size(), 40u);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const auto batch = Stream({0, 4}, cursors[i]).Next();
    ASSERT_EQ(batch->cursor, batches[i]->cursor);
    for (std::size_t s = 0; s < 4; ++s) {
      EXPECT_EQ(batch->slots[s].fields[0].ids, batches[i]->slots[s].fields[0].ids);
      EXPECT_EQ(batch->slots[s].fields[1].ids, batches[i]->slots[s].fields[1].ids);
      EXPECT_EQ(batch->slots[s].sample_ids, batches[i]->slots[s].sample_ids);
    }
  }
}

TEST_F(SequencePartsTest, StayWithinTheBoundsOfAPart) {
  const SlotBounds bounds = BoundsOf(info_, info_.Split("train"), Options());
  EXPECT_EQ(bounds.steps, kPartSteps);
  BatchStream stream = Stream();
  while (const auto batch = stream.Next()) {
    for (const SlotBatch& slot : batch->slots) {
      EXPECT_LE(slot.layout.steps(), bounds.steps);
      EXPECT_LE(slot.layout.rows(), bounds.rows);
      EXPECT_LE(slot.layout.sequences(), bounds.sequences);
    }
  }
}

TEST_F(SequencePartsTest, RefuseAPartThatIsNotThere) {
  ExpectError(ExitCode::kUsage, "part 99: its sequences have", [&] {
    Stream({0, 4}, Cursor{0, 0, 99}).Next();
  });
}

// The keys that sound in each step of music: each step has a list of its own length.
TEST(SequencePartsOfLists, EveryListIsGivenOnceAndInOrder) {
  const TempFolder folder;
  MusicCorpusOptions music;
  music.out = folder / "corpus";
  music.synthetic = 40;
  const CorpusInfo info = PrepareMusic(music).info;
  StreamOptions options;
  options.plan = {3, 7, 4, 20, true};
  options.last_epoch = 0;
  options.part_steps = kPartSteps;
  BatchStream stream(music.out, info, "train", options, {0, 4}, {});
  std::map<std::uint64_t, std::vector<KeySet>> found;
  while (const auto batch = stream.Next()) {
    for (const SlotBatch& slot : batch->slots) {
      const FieldBatch& lists = slot.fields[1];
      ASSERT_EQ(static_cast<Index>(lists.offsets.size()), slot.layout.rows() + 1);
      for (Index b = 0; b < slot.layout.sequences(); ++b) {
        for (Index t = 0; t < slot.layout.Length(b); ++t) {
          const auto row = static_cast<std::size_t>(slot.layout.Row(t, b));
          KeySet& keys = found[slot.sample_ids[static_cast<std::size_t>(b)]].emplace_back();
          for (Index i = lists.offsets[row]; i < lists.offsets[row + 1]; ++i)
            keys.set(static_cast<std::size_t>(lists.ids[static_cast<std::size_t>(i)]));
        }
      }
    }
  }
  ASSERT_EQ(found.size(), 32U);
  for (const auto& [id, steps] : found) EXPECT_EQ(steps, MakeChorale(1, id).steps) << id;
}

}  // namespace
}  // namespace lockstep
