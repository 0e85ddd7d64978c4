#include "data/corpus/split_shards.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/data/small_corpus.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

// A corpus of shards of one sample each: more than may be open.
class SplitShardsTest : public testing::Test {
 protected:
  static constexpr Index kShards = SplitShards::kMostOpenShards + 20;
  SplitShardsTest() { shards_.BeginStream(1); }
  TempFolder folder_;
  CorpusInfo info_ = WriteDnaCorpus(folder_.path(), std::vector<Index>(kShards, 10), 1);
  const SplitInfo& split_ = info_.Split("train");
  SplitShards shards_{folder_.path(), info_, split_};
};

TEST_F(SplitShardsTest, KeepABoundedNumberOfFilesOpen) {
  ASSERT_EQ(static_cast<Index>(split_.shards.size()), kShards);
  for (Index shard = 0; shard < kShards; ++shard) {
    EXPECT_EQ(shards_.ForLengths(shard).Length(0), 10);
    EXPECT_LE(shards_.open_shards(), SplitShards::kMostOpenShards);
  }
  EXPECT_EQ(shards_.open_shards(), shards_.most_open_shards());
}

TEST_F(SplitShardsTest, ReadShardsWhoseFileWasClosed) {
  for (Index shard = 0; shard < kShards; ++shard) shards_.ForLengths(shard);
  for (int round = 0; round < 2; ++round) {
    for (Index shard = 0; shard < kShards; ++shard) {
      const auto inputs = shards_.ForReading(shard).Read(0, 0);
      EXPECT_EQ(std::to_integer<int>(inputs[3]), SymbolOf(shard, 3));
      EXPECT_LE(shards_.open_shards(), SplitShards::kMostOpenShards);
    }
  }
}

TEST_F(SplitShardsTest, KeepFilesOpenFromWindowToWindow) {
  for (Index shard = 0; shard < 10; ++shard) shards_.ForLengths(shard);
  shards_.ForReading(3);
  EXPECT_EQ(shards_.open_shards(), 10u);
  shards_.ForLengths(20);
  EXPECT_EQ(shards_.open_shards(), 11u);
  EXPECT_EQ(shards_.ForLengths(3).Length(0), 10);
  EXPECT_EQ(shards_.open_shards(), 11u);
}

TEST_F(SplitShardsTest, ReadTheTablesOfOneWindowOnce) {
  shards_.BeginStream(kShards);
  const auto read_all = [&] {
    for (Index shard = 0; shard < 10; ++shard) EXPECT_EQ(shards_.ForLengths(shard).Length(0), 10);
    for (Index shard = 0; shard < 10; ++shard) shards_.ForReading(shard).Read(0, 0);
  };
  read_all();
  std::filesystem::rename(folder_.path(), folder_.path() + ".away");
  read_all();
  std::filesystem::rename(folder_.path() + ".away", folder_.path());
}

}  // namespace
}  // namespace lockstep
