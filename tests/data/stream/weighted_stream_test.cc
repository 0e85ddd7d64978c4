// Streams of batches in which sources have weights.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "data/stream/batch_stream.h"
#include "tests/data/small_corpus.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

// 60 samples in shards of about 6, planned in windows of about 20. Source 0 has 25 of them.
class WeightedStreamTest : public testing::Test {
 protected:
  WeightedStreamTest() {
    info_.sources = {"a", "b"};
    info_.splits["train"].sources = {{0, 25, 25}, {1, 35, 35}};
  }
  StreamOptions Options(const std::vector<double>& weights) const {
    StreamOptions options;
    options.plan = {3, 7, 4, 20, true, weights};
    options.random_strand = true;
    options.last_epoch = 3;
    return options;
  }
  BatchStream Stream(const StreamOptions& options, Cursor start = {}) {
    return BatchStream(folder_.path(), info_, "train", options, {0, 4}, start);
  }

  TempFolder folder_;
  CorpusInfo info_ = WriteDnaCorpus(folder_.path(), MixedLengths(60, 50), 300);
};

void ExpectSame(const RankBatch& a, const RankBatch& b) {
  EXPECT_EQ(a.cursor, b.cursor);
  ASSERT_EQ(a.slots.size(), b.slots.size());
  for (std::size_t s = 0; s < a.slots.size(); ++s) {
    EXPECT_EQ(a.slots[s].sample_ids, b.slots[s].sample_ids);
    EXPECT_EQ(a.slots[s].fields[0].ids, b.slots[s].fields[0].ids);
  }
}

TEST_F(WeightedStreamTest, GivesEachSampleAsOftenAsItsWeightSays) {
  BatchStream stream = Stream(Options({3, 2}));
  std::map<std::pair<Index, std::uint64_t>, int> uses;
  while (const auto batch = stream.Next()) {
    for (const SlotBatch& slot : batch->slots) {
      for (const std::uint64_t id : slot.sample_ids) ++uses[{batch->cursor.epoch, id}];
    }
  }
  EXPECT_EQ(uses.size(), 4u * 60);
  for (const auto& [use, count] : uses) EXPECT_EQ(count, use.second < 25 ? 3 : 2);
}

TEST_F(WeightedStreamTest, ThatStartsAnywhereEqualsTheOneThatCameThere) {
  for (const std::vector<double>& weights : {std::vector<double>{2.5, 0.4}, {0.05, 0}}) {
    const StreamOptions options = Options(weights);
    std::vector<Cursor> cursors;
    for (BatchStream stream = Stream(options); stream.Next() != nullptr;) {
      cursors.push_back(stream.cursor());
    }
    BatchStream came = Stream(options);
    for (const Cursor& cursor : cursors) {
      came.Next();
      EXPECT_EQ(came.cursor(), cursor);
      BatchStream started = Stream(options, cursor);
      EXPECT_EQ(started.cursor(), cursor);
      BatchStream same = Stream(options, cursor);
      const auto a = started.Next(), b = same.Next();
      ASSERT_EQ(a == nullptr, b == nullptr);
      if (a != nullptr) ExpectSame(*a, *b);
    }
  }
}

TEST_F(WeightedStreamTest, GivesTheBatchesThatCameBeforeAfterAStop) {
  const StreamOptions options = Options({2.5, 0.4});
  BatchStream whole = Stream(options);
  for (int i = 0; i < 5; ++i) whole.Next();
  BatchStream resumed = Stream(options, whole.cursor());
  while (const auto batch = whole.Next()) ExpectSame(*batch, *resumed.Next());
  EXPECT_EQ(resumed.Next(), nullptr);
}

TEST_F(WeightedStreamTest, StaysWithinItsBounds) {
  StreamOptions options = Options({40, 0});
  options.plan.batch_sequences = 100;
  const SlotBounds bounds = BoundsOf(info_, info_.Split("train"), options);
  BatchStream stream = Stream(options);
  while (const auto batch = stream.Next()) {
    for (const SlotBatch& slot : batch->slots) {
      EXPECT_LE(slot.layout.sequences(), bounds.sequences);
      EXPECT_LE(slot.layout.rows(), bounds.rows);
    }
  }
}

// The probability that all of 8 copies of a sample are read from the same strand is 1 / 128.
TEST_F(WeightedStreamTest, DrawsAStrandForEachCopyOfASample) {
  BatchStream stream = Stream(Options({8, 0}));
  std::map<std::pair<Index, std::uint64_t>, std::set<std::vector<int>>> seen;
  while (const auto batch = stream.Next()) {
    for (const SlotBatch& slot : batch->slots) {
      for (Index b = 0; b < slot.layout.sequences(); ++b) {
        std::vector<int> bases;
        for (Index t = 0; t < slot.layout.Length(b); ++t) {
          bases.push_back(slot.fields[0].ids[static_cast<std::size_t>(slot.layout.Row(t, b))]);
        }
        seen[{batch->cursor.epoch, slot.sample_ids[static_cast<std::size_t>(b)]}].insert(bases);
      }
    }
  }
  EXPECT_EQ(seen.size(), 4u * 25);
  int both = 0;
  for (const auto& [sample, strands] : seen) both += strands.size() == 2 ? 1 : 0;
  EXPECT_GT(both, 80);
}

}  // namespace
}  // namespace lockstep
