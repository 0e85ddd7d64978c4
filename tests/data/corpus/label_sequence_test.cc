// Corpora whose targets have a length of their own, from the writer through shards to batches.
#include <gtest/gtest.h>

#include "base/durable_file.h"
#include "data/corpus/shard_reader.h"
#include "data/stream/batch_stream.h"
#include "tests/data/speech_corpus.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

// 1 and 4 frames have no label.
const std::vector<Index> kLengths = {30, 1, 12, 55, 4, 40, 40, 23, 17, 9};

template <typename Label>
class LabelSequence : public testing::Test {
 protected:
  TempFolder folder_;
};
using LabelTypes = testing::Types<std::uint8_t, std::int32_t>;
TYPED_TEST_SUITE(LabelSequence, LabelTypes);

TYPED_TEST(LabelSequence, ComesBackFromShardsWithItsName) {
  const CorpusInfo info = WriteSpeechCorpus<TypeParam>(this->folder_.path(), kLengths, 1000);
  const SplitInfo& split = info.Split("train");
  EXPECT_GT(split.shards.size(), 2u);
  EXPECT_EQ(split.fields[1].longest, 11);
  Index sample = 0;
  for (const ShardInfo& shard : split.shards) {
    VerifyShard(this->folder_.path(), info, shard);
    ShardReader reader(this->folder_.path(), info, shard);
    for (Index record = 0; record < reader.sequences(); ++record, ++sample) {
      const Index frames = kLengths[static_cast<std::size_t>(sample)];
      EXPECT_EQ(reader.Length(record), frames);
      EXPECT_EQ(reader.Name(record), NameOf(sample));
      const auto bytes = reader.Read(1, record);
      ASSERT_EQ(reader.Rows(1, record), LabelCount(frames));
      const auto* labels = reinterpret_cast<const TypeParam*>(bytes.data());
      for (Index k = 0; k < LabelCount(frames); ++k) EXPECT_EQ(labels[k], LabelOf(sample, k));
    }
  }
  EXPECT_EQ(sample, 10);
}

TYPED_TEST(LabelSequence, LiesInABatchBehindItsOffsets) {
  const CorpusInfo info = WriteSpeechCorpus<TypeParam>(this->folder_.path(), kLengths, 1000);
  StreamOptions options;
  options.plan = {.seed = 1, .batch_sequences = 4, .slots = 2};
  options.frames = {.stack = 3, .stride = 2};
  options.last_epoch = 0;
  BatchStream stream(this->folder_.path(), info, "train", options, {0, 2}, {});
  Index seen = 0;
  while (const auto batch = stream.Next()) {
    for (const SlotBatch& slot : batch->slots) {
      ASSERT_EQ(slot.fields[1].offsets.size(), slot.sample_ids.size() + 1);
      for (std::size_t b = 0; b < slot.sample_ids.size(); ++b, ++seen) {
        const auto sample = static_cast<Index>(slot.sample_ids[b]);
        const Index frames = kLengths[slot.sample_ids[b]];
        EXPECT_EQ(slot.layout.Length(static_cast<Index>(b)), (frames + 1) / 2);
        const Index first = slot.fields[1].offsets[b];
        ASSERT_EQ(slot.fields[1].offsets[b + 1] - first, LabelCount(frames));
        for (Index k = 0; k < LabelCount(frames); ++k) {
          EXPECT_EQ(slot.fields[1].ids[static_cast<std::size_t>(first + k)], LabelOf(sample, k));
        }
        // The window of step 0 starts at frame 0: (3 - 2) / 2 = 0 frames to the left.
        const float* row =
            slot.fields[0].values.data() + slot.layout.Row(0, static_cast<Index>(b)) * 12;
        EXPECT_EQ(row[4], FrameValue(sample, std::min<Index>(1, frames - 1), 0));
      }
    }
  }
  EXPECT_EQ(seen, 10);
}

TEST(LabelSequenceShard, MayHaveNoLabelAtAll) {
  const TempFolder folder;
  const CorpusInfo info = WriteSpeechCorpus(folder.path(), {3, 4, 2});
  EXPECT_EQ(info.Split("train").fields[1].rows, 0);
  VerifyShard(folder.path(), info, info.Split("train").shards[0]);
}

TEST(LabelSequenceShard, StaysWithinTheBoundsOfItsStream) {
  const TempFolder folder;
  const CorpusInfo info = WriteSpeechCorpus(folder.path(), kLengths, 1000);
  StreamOptions options;
  options.plan = {.seed = 3, .batch_sequences = 6, .slots = 2};
  options.frames = {.stack = 2, .stride = 3, .stretch = 0.4, .noise = 0.1};
  options.last_epoch = 20;
  const SlotBounds bounds = BoundsOf(info, info.Split("train"), options);
  BatchStream stream(folder.path(), info, "train", options, {0, 2}, {});
  while (const auto batch = stream.Next()) {
    for (const SlotBatch& slot : batch->slots) {
      EXPECT_LE(slot.layout.sequences(), bounds.sequences);
      EXPECT_LE(slot.layout.steps(), bounds.steps);
      EXPECT_LE(slot.layout.rows(), bounds.rows);
      for (std::size_t b = 0; b < slot.sample_ids.size(); ++b) {
        EXPECT_LE(slot.fields[1].offsets[b + 1] - slot.fields[1].offsets[b], bounds.longest[1]);
      }
    }
  }
}

TEST(LabelSequenceShard, IsRefusedByNameWhenItsLabelsCannotBeAligned) {
  const TempFolder folder;
  const CorpusInfo info = WriteSpeechCorpus(folder.path(), {55});
  StreamOptions options;
  options.plan = {.seed = 1, .batch_sequences = 1, .slots = 1};
  options.frames = {.stack = 6, .stride = 6};  // 10 steps for 11 labels
  options.labels_must_fit = true;
  BatchStream stream(folder.path(), info, "train", options, {0, 1}, {});
  ExpectError(ExitCode::kBadData,
              "train-00000.h5: record 0 (sample 0 \"speaker-0\"): its 11 labels need",
              [&] { stream.Next(); });
}

// A list that no head aligns to the steps may be longer than these.
TEST(LabelSequenceShard, MayBeLongerThanItsSteps) {
  const TempFolder folder;
  const CorpusInfo info = WriteSpeechCorpus(folder.path(), {55});
  StreamOptions options;
  options.plan = {.seed = 1, .batch_sequences = 1, .slots = 1};
  options.frames = {.stack = 6, .stride = 6};
  BatchStream stream(folder.path(), info, "train", options, {0, 1}, {});
  EXPECT_EQ(stream.Next()->slots[0].fields[1].ids.size(), 11u);
}

TEST(LabelSequenceShard, RefusesTheBlankAndWhatIsNoClass) {
  const TempFolder folder;
  CorpusWriter writer(folder.path(), SpeechHeader(), {"train"});
  const std::vector<float> frame(kFrameWidth, 0.5f);
  for (const std::uint8_t label : {std::uint8_t{0}, std::uint8_t{5}, std::uint8_t{255}}) {
    ExpectError(ExitCode::kBadData, "allowed: 1..4", [&] {
      writer.Add("train",
                 {{std::as_bytes(std::span(frame)), std::as_bytes(std::span(&label, 1))}, 1, "x"});
    });
  }
}

TEST(LabelSequenceShard, IsVouchedForByteByByte) {
  const TempFolder folder;
  const CorpusInfo info = WriteSpeechCorpus(folder.path(), {30, 12});
  const ShardInfo& shard = info.Split("train").shards[0];
  const std::string path = folder.path() + "/" + shard.file;
  const std::string intact = ReadTextFile(path);
  for (const Index place :
       {shard.places.names, shard.places.name_offsets + 8, shard.places.fields[1].offsets + 8,
        shard.places.fields[1].values + 2}) {
    std::string damaged = intact;
    damaged[static_cast<std::size_t>(place)] ^= 4;
    ReplaceDurably(path, damaged);
    ExpectError(ExitCode::kBadData, shard.file, [&] { VerifyShard(folder.path(), info, shard); });
  }
}

}  // namespace
}  // namespace lockstep
