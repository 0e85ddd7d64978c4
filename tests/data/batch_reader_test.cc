#include "data/batch_reader.h"

#include <gtest/gtest.h>

#include "tests/data/small_corpus.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

// A corpus of 80 shards of one sample each: more than may be open.
class ShardCacheTest : public testing::Test {
 protected:
  static constexpr Index kShards = 80;
  TempFolder folder_;
  CorpusInfo info_ = WriteDnaCorpus(folder_.path(), std::vector<Index>(kShards, 10), 1);
  const SplitInfo& split_ = info_.Split("train");
  ShardCache cache_{folder_.path(), info_, split_};
};

TEST_F(ShardCacheTest, KeepsABoundedNumberOfFilesOpen) {
  ASSERT_EQ(static_cast<Index>(split_.shards.size()), kShards);
  for (Index shard = 0; shard < kShards; ++shard) {
    EXPECT_EQ(cache_.ForLengths(shard).Length(0), 10);
    EXPECT_LE(cache_.open_shards(), ShardCache::kMostOpenShards);
  }
}

TEST_F(ShardCacheTest, ReadsShardsWhoseFileWasClosed) {
  for (Index shard = 0; shard < kShards; ++shard) cache_.ForLengths(shard);
  for (int round = 0; round < 2; ++round) {
    for (Index shard = 0; shard < kShards; ++shard) {
      const auto inputs = cache_.ForReading(shard).Inputs(0);
      EXPECT_EQ(std::to_integer<int>(inputs[3]), SymbolOf(shard, 3));
      EXPECT_LE(cache_.open_shards(), ShardCache::kMostOpenShards);
    }
  }
}

TEST_F(ShardCacheTest, ForgetsAWindowWhenTheNextOneBegins) {
  for (Index shard = 0; shard < 10; ++shard) cache_.ForLengths(shard);
  cache_.ForReading(3);
  EXPECT_EQ(cache_.open_shards(), 10u);
  cache_.ForLengths(20);
  EXPECT_EQ(cache_.open_shards(), 1u);
}

}  // namespace
}  // namespace lockstep
