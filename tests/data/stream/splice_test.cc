// Crops and joins in the stream of batches. What is expected is made of the words of the samples by
// another implementation of the same draws.
#include "data/stream/splice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "data/corpus/shard_reader.h"
#include "data/stream/batch_stream.h"
#include "data/stream/stream_bounds.h"
#include "tests/data/spliced_corpus.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

constexpr Index kSamples = 40;
constexpr std::uint64_t kSeed = 3;

class SpliceTest : public testing::Test {
 protected:
  StreamOptions Options(double crop, double join, Index most_frames = 0) const {
    StreamOptions options;
    options.plan = {kSeed, 6, 3, 15, true};
    options.splice = {crop, join, most_frames, kTestSeparator};
    options.last_epoch = 3;
    options.labels_must_fit = true;
    return options;
  }
  BatchStream Stream(const StreamOptions& options, SlotRange range = {0, 3}, Cursor start = {}) {
    return BatchStream(folder_.path(), info_, "train", options, range, start);
  }

  TempFolder folder_;
  CorpusInfo info_ = WriteSplicedCorpus(folder_.path(), kSamples, true, 6000);
};

// The sample number of the first record of a shard, and its number of records.
std::pair<Index, Index> ShardOf(const CorpusInfo& info, Index sample) {
  Index first = 0;
  for (const ShardInfo& shard : info.Split("train").shards) {
    if (sample < first + shard.sequences) return {first, shard.sequences};
    first += shard.sequences;
  }
  return {};
}

TestSample ExpectedPiece(Index sample, double crop, const CounterRng& rng, std::uint64_t draws) {
  TestSample words = WordsOfSample(sample);
  if (words.size() < 2 || rng.Uniform(draws) >= crop) return words;
  const auto kept = 1 + rng.Below(draws + 1, words.size() - 1);
  const auto first = static_cast<Index>(rng.Below(draws + 2, words.size() - kept + 1));
  return {words.begin() + first, words.begin() + first + static_cast<Index>(kept)};
}

TestWord ExpectedSample(const CorpusInfo& info, const SpliceOptions& options, Index epoch,
                        Index sample) {
  const CounterRng rng(kSeed, RandomPurpose::kFrames, static_cast<std::uint64_t>(epoch),
                       static_cast<std::uint64_t>(sample));
  const TestSample own = ExpectedPiece(sample, options.crop, rng, 20'000);
  if (rng.Uniform(20'010) >= options.join) return Joined(own);
  const auto [first, count] = ShardOf(info, sample);
  for (std::uint64_t draws = 20'020; draws < 20'100; draws += 10) {
    const auto partner = static_cast<Index>(rng.Below(draws, static_cast<std::uint64_t>(count)));
    TestSample both = own;
    for (const TestWord& word : ExpectedPiece(first + partner, options.crop, rng, draws + 1)) {
      both.push_back(word);
    }
    const TestWord joined = Joined(both);
    if (std::ssize(joined.frames) / kFrameWidth <= options.most_frames) return joined;
  }
  return Joined(own);
}

// Sequence b of a slot.
TestWord SampleIn(const SlotBatch& slot, Index b) {
  TestWord sample;
  for (Index t = 0; t < slot.layout.Length(b); ++t) {
    const float* const row = slot.fields[0].values.data() + slot.layout.Row(t, b) * kFrameWidth;
    sample.frames.insert(sample.frames.end(), row, row + kFrameWidth);
  }
  const auto at = static_cast<std::size_t>(b);
  const FieldBatch& labels = slot.fields[1];
  sample.labels.assign(labels.ids.begin() + labels.offsets[at],
                       labels.ids.begin() + labels.offsets[at + 1]);
  return sample;
}

// Calls use(epoch, sample, what it became) for all sequences of a stream.
template <typename Use>
void ForEach(BatchStream& stream, const Use& use) {
  while (const auto batch = stream.Next()) {
    for (const SlotBatch& slot : batch->slots) {
      for (Index b = 0; b < slot.layout.sequences(); ++b) {
        const auto id = static_cast<Index>(slot.sample_ids[static_cast<std::size_t>(b)]);
        use(batch->cursor.epoch, id, SampleIn(slot, b));
      }
    }
  }
}

TEST_F(SpliceTest, GivesTheWordsThatTheDrawsSay) {
  for (const auto& [crop, join] : {std::pair{0.5, 0.5}, {1.0, 0.0}, {0.0, 1.0}, {0.3, 1.0}}) {
    StreamOptions options = Options(crop, join, 90);
    BatchStream stream = Stream(options);
    Index changed = 0, seen = 0;
    ForEach(stream, [&](Index epoch, Index sample, const TestWord& found) {
      const TestWord expected = ExpectedSample(info_, options.splice, epoch, sample);
      EXPECT_EQ(found.labels, expected.labels) << sample;
      EXPECT_EQ(found.frames, expected.frames) << sample;
      changed += found.labels != Joined(WordsOfSample(sample)).labels ? 1 : 0;
      ++seen;
    });
    EXPECT_EQ(seen, 4 * kSamples);
    EXPECT_GT(changed, kSamples);
  }
}

TEST_F(SpliceTest, DrawsCropsAndJoinsAsOftenAsAsked) {
  const ShardReader shard(folder_.path(), info_, info_.Split("train").shards[0]);
  const Splicer splicer({0.25, 0.4, 1000, kTestSeparator}, 1, 1, 100);
  Index two_words = 0, cropped = 0, joined = 0, draws = 0;
  std::map<Index, Index> partners;
  for (Index epoch = 0; epoch < 4000; ++epoch) {
    for (Index record = 0; record < shard.sequences(); ++record) {
      const Splice splice = splicer.Draw(shard.tables(), 1, record, epoch);
      const bool is_cropped = splice.places[0].frames.count() < shard.Length(record);
      two_words += shard.tables().Cuts(record) > 2 ? 1 : 0;
      cropped += is_cropped ? 1 : 0;
      joined += splice.count - 1;
      if (splice.count == 2) ++partners[splice.places[1].record];
      ++draws;
    }
  }
  const auto share = [](Index part, Index all) {
    return static_cast<double>(part) / static_cast<double>(all);
  };
  // Four standard deviations of 16 000 draws or more are below 0.016.
  EXPECT_NEAR(share(cropped, two_words), 0.25, 0.016);
  EXPECT_NEAR(share(joined, draws), 0.4, 0.016);
  EXPECT_EQ(std::ssize(partners), shard.sequences());
  for (const auto& [record, count] : partners) {
    EXPECT_NEAR(share(count, joined) * static_cast<double>(shard.sequences()), 1, 0.1) << record;
  }
}

TEST_F(SpliceTest, StaysWithinTheBoundsThatAreKnownBefore) {
  for (const Index most_frames : {0, 20, 150}) {
    const StreamOptions options = Options(0.5, 1, most_frames);
    const SlotBounds bounds = BoundsOf(info_, info_.Split("train"), options);
    BatchStream stream = Stream(options);
    const Index longest = info_.Split("train").longest;
    EXPECT_EQ(bounds.steps, std::max(longest, most_frames));
    Index found = 0;
    while (const auto batch = stream.Next()) {
      for (const SlotBatch& slot : batch->slots) {
        found = std::max(found, slot.layout.steps());
        EXPECT_LE(slot.layout.rows(), bounds.rows);
        EXPECT_LE(std::ssize(slot.fields[1].ids), bounds.field_rows[1]);
      }
    }
    EXPECT_LE(found, bounds.steps);
    EXPECT_TRUE(most_frames < 150 || found > longest);
  }
}

TEST_F(SpliceTest, IsTheSameOnAnyRanksAndFromAnyPlace) {
  StreamOptions options = Options(0.5, 0.7, 90);
  options.frames = {.stack = 2, .stride = 2, .stretch = 0.2, .noise = 0.1};
  BatchStream all = Stream(options), low = Stream(options, {0, 1}), high = Stream(options, {1, 3});
  while (const auto batch = all.Next()) {
    BatchStream again = Stream(options, {0, 3}, batch->cursor);
    const auto first = low.Next(), rest = high.Next(), same = again.Next();
    for (std::size_t s = 0; s < 3; ++s) {
      const SlotBatch& slot = batch->slots[s];
      const SlotBatch& other = s == 0 ? first->slots[0] : rest->slots[s - 1];
      for (const SlotBatch* const one : {&other, static_cast<const SlotBatch*>(&same->slots[s])}) {
        EXPECT_EQ(slot.sample_ids, one->sample_ids);
        EXPECT_EQ(slot.fields[1].ids, one->fields[1].ids);
        const auto values = slot.fields[0].values.span().first(
            static_cast<std::size_t>(slot.layout.rows() * 2 * kFrameWidth));
        EXPECT_TRUE(std::ranges::equal(values, one->fields[0].values.span().first(values.size())));
      }
    }
  }
}

TEST_F(SpliceTest, LeavesSamplesAloneInEvaluation) {
  StreamOptions training = Options(1, 1, 90);
  training.mix.gain_db = 6;
  const StreamOptions options = EvaluationStream(training);
  EXPECT_TRUE(options.splice.IsIdentity());
  EXPECT_TRUE(options.mix.IsIdentity());
  BatchStream stream = Stream(options);
  ForEach(stream, [&](Index, Index sample, const TestWord& found) {
    EXPECT_EQ(found.frames, Joined(WordsOfSample(sample)).frames);
  });
}

// The shortest word has 8 frames, so something is left of it between two slacks of 3.
TEST(SplicesWithSlack, BeginAndEndAnywhereInPausesAndWithTheSampleAtItsEnds) {
  constexpr std::int32_t kSlack = 3;
  const TempFolder folder;
  const CorpusInfo info = WriteSplicedCorpus(folder.path(), 6, true, kDefaultShardBytes, 4, kSlack);
  const ShardReader shard(folder.path(), info, info.Split("train").shards[0]);
  const ShardTables& tables = shard.tables();
  const Splicer splicer({.crop = 1, .separator = kTestSeparator}, kSeed, 1, 1000);
  std::map<Index, Index> offsets;  // of begins and ends from the middles of pauses
  for (Index epoch = 0; epoch < 3000; ++epoch) {
    for (Index record = 0; record < shard.sequences(); ++record) {
      const SplicePiece piece = splicer.Draw(tables, 1, record, epoch).places[0];
      for (Index c = 0; c < tables.Cuts(record); ++c) {
        const WordCut cut = tables.Cut(record, c);
        if (cut.label == piece.labels.begin) {
          ++offsets[piece.frames.begin - cut.frame];
          EXPECT_LE(std::abs(piece.frames.begin - cut.frame), cut.slack) << record;
        }
        // A crop within the sample ends before the separator of the next word.
        if (c > 0 && cut.label == piece.labels.end + (cut.slack > 0 ? 1 : 0)) {
          ++offsets[piece.frames.end - cut.frame];
          EXPECT_LE(std::abs(piece.frames.end - cut.frame), cut.slack) << record;
        }
      }
    }
  }
  ASSERT_EQ(offsets.size(), 2u * kSlack + 1);
  for (Index offset = -kSlack; offset <= kSlack; ++offset) {
    if (offset == 0) continue;  // which the ends of samples have, too
    EXPECT_NEAR(static_cast<double>(offsets[offset]) / static_cast<double>(offsets[1]), 1, 0.1)
        << offset;
  }
}

// At a stride of 3, samples of several words have fewer steps than labels; single words have
// enough.
TEST(DenseSplices, FallBackToTheSampleWhereLabelsWouldNotFit) {
  const TempFolder folder;
  const CorpusInfo info = WriteSplicedCorpus(folder.path(), kSamples, true, 6000, 2);
  const Splicer splicer({0.7, 0.7, 200, kTestSeparator}, kSeed, 3, info.Split("train").longest);
  Index whole = 0, changed = 0;
  for (const ShardInfo& one : info.Split("train").shards) {
    const ShardReader shard(folder.path(), info, one);
    for (Index record = 0; record < shard.sequences(); ++record) {
      const Splice drawn = splicer.Draw(shard.tables(), 1, record, 0);
      const bool is_whole = drawn.count == 1 && drawn.frames() == shard.Length(record);
      (is_whole ? whole : changed) += 1;
      EXPECT_TRUE(is_whole || drawn.least_steps() <= (drawn.frames() + 2) / 3);
    }
  }
  EXPECT_GT(whole, 5);
  EXPECT_GT(changed, 5);
}

TEST(Splices, AreRefusedWhereTheCorpusDoesNotAllowThem) {
  const TempFolder folder;
  const CorpusInfo info = WriteSplicedCorpus(folder.path(), 5, false);
  ExpectError(ExitCode::kUsage, "--cut-at-pauses", [&] { RequireSpliceable(info, {.crop = 0.1}); });
  RequireSpliceable(info, {.join = 0.5});
  CorpusInfo classes = info;
  classes.schema.fields[1].alignment = Alignment::kSequence;
  ExpectError(ExitCode::kUsage, "leave them out",
              [&] { RequireSpliceable(classes, {.join = 0.5}); });
}

}  // namespace
}  // namespace lockstep
