#include "data/stream/table_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/stream/batch_stream.h"
#include "tests/data/small_corpus.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Shards = std::vector<Index>;

// Reads here what rank 0 would, and notes what it is asked.
class NotedSource : public TableSource {
 public:
  NotedSource(std::string folder, const CorpusInfo& info)
      : folder_(std::move(folder)), info_(info) {}
  void Prepare(const Shards& shards) override { prepared.push_back(shards); }
  std::vector<std::shared_ptr<const ShardTables>> Fetch(const Shards& shards) override {
    fetched.push_back(shards);
    std::vector<std::shared_ptr<const ShardTables>> tables;
    for (const Index shard : shards) {
      const ShardInfo& which = info_.Split("train").shards[static_cast<std::size_t>(shard)];
      tables.push_back(std::make_shared<const ShardTables>(
          ReadShardTables(OpenShard(folder_, which), info_, which)));
    }
    return tables;
  }
  std::vector<Shards> prepared, fetched;

 private:
  std::string folder_;
  const CorpusInfo& info_;
};

// 60 samples in 10 shards, in windows of about 20 samples and 3 steps.
class TableFeedTest : public testing::Test {
 protected:
  StreamOptions Options(Index window) const {
    StreamOptions options;
    options.plan = {3, 7, 4, window, true, weights_};
    options.last_epoch = 2;
    return options;
  }
  // Each batch of a stream, which must be those of one that reads the tables itself.
  void ReadAll(Index window, Cursor start = {}) {
    SplitShards shards(folder_.path(), info_, info_.Split("train"), &source_);
    BatchStream fed(folder_.path(), info_, "train", Options(window), {0, 4}, start, &shards);
    BatchStream alone(folder_.path(), info_, "train", Options(window), {0, 4}, start);
    while (const auto batch = alone.Next()) {
      const auto same = fed.Next();
      ASSERT_NE(same, nullptr);
      for (std::size_t slot = 0; slot < 4; ++slot) {
        EXPECT_EQ(same->slots[slot].sample_ids, batch->slots[slot].sample_ids);
        EXPECT_EQ(same->slots[slot].fields[0].ids, batch->slots[slot].fields[0].ids);
      }
    }
    EXPECT_EQ(fed.Next(), nullptr);
  }

  TempFolder folder_;
  CorpusInfo info_ = WriteDnaCorpus(folder_.path(), MixedLengths(60, 50), 300);
  std::vector<double> weights_;
  NotedSource source_{folder_.path(), info_};
};

TEST_F(TableFeedTest, FetchesTheTablesOfOneWindowOnceInAllEpochs) {
  ReadAll(1000);
  EXPECT_THAT(source_.fetched, SizeIs(1));
  EXPECT_THAT(source_.fetched[0], SizeIs(info_.Split("train").shards.size()));
  EXPECT_THAT(source_.prepared, IsEmpty());
}

TEST_F(TableFeedTest, FetchesEachWindowAsItWasAnnounced) {
  ReadAll(20);
  EXPECT_GT(source_.fetched.size(), 6u);
  EXPECT_THAT(source_.fetched, Each(testing::Not(IsEmpty())));
  const std::vector<Shards> later(source_.fetched.begin() + 1, source_.fetched.end());
  EXPECT_EQ(later, source_.prepared);
}

TEST_F(TableFeedTest, BeginsAnywhereAndWithWindowsOfOneStep) {
  ReadAll(20, {1, 5});
  ReadAll(1);
  ReadAll(1, {2, 3});
}

// With the last weights, some epochs have no sample at all.
TEST_F(TableFeedTest, FollowsWeightsOfSources) {
  info_.sources = {"a", "b"};
  info_.splits["train"].sources = {{0, 25, 25}, {1, 35, 35}};
  for (const std::vector<double>& weights : {std::vector<double>{2.5, 0.3}, {0, 3}, {0, 0.03}}) {
    weights_ = weights;
    for (const Index window : {1, 20, 1000}) ReadAll(window);
  }
}

TEST_F(TableFeedTest, AsksTheSameOfTheSourceWhateverTheSlotsOfTheRank) {
  std::vector<std::vector<Shards>> asked;
  for (const SlotRange range : {SlotRange{0, 4}, SlotRange{1, 2}, SlotRange{3, 3}}) {
    NotedSource source(folder_.path(), info_);
    SplitShards shards(folder_.path(), info_, info_.Split("train"), &source);
    BatchStream stream(folder_.path(), info_, "train", Options(20), range, {}, &shards);
    for (int step = 0; step < 15; ++step) stream.Next();
    asked.push_back(source.fetched);
  }
  EXPECT_THAT(asked, Each(asked[0]));
}

TEST_F(TableFeedTest, AStreamThatEndsEarlyDoesNotWaitForTables) {
  SplitShards shards(folder_.path(), info_, info_.Split("train"), &source_);
  for (int turn = 0; turn < 3; ++turn) {
    BatchStream stream(folder_.path(), info_, "train", Options(20), {0, 4}, {}, &shards);
    if (turn == 0) continue;
    EXPECT_NE(stream.Next(), nullptr);
  }
}

}  // namespace
}  // namespace lockstep
