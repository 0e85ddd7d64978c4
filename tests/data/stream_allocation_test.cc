// Batches of a window are read into memory that was taken at the start, on the reading thread and
// on the one that trains.
#include <gtest/gtest.h>

#include "data/batch_stream.h"
#include "tests/data/small_corpus.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

TEST(AllocationCounter, SeesNewAndAlignedArrays) {
  const std::int64_t before = AllocationsOfAllThreads(), mine = AllocationsOfThisThread();
  const std::vector<int> some(10);
  const AlignedBuffer<float> more(10);
  EXPECT_EQ(AllocationsOfAllThreads() - before, 2);
  EXPECT_EQ(AllocationsOfThisThread() - mine, 2);
}

TEST(BatchStream, AllocatesNothingWithinAWindow) {
  const TempFolder folder;
  const CorpusInfo info = WriteDnaCorpus(folder.path(), MixedLengths(2000, 80));
  StreamOptions options;
  options.plan = {3, 30, 8, 65536, true};  // 67 batches, sizes of 24, 32 and what is left
  BatchStream stream(folder.path(), info, "train", options, {2, 6}, {});
  std::unique_ptr<RankBatch> batch;
  // The first batch has opened the shard; prefetch and the one in hand are behind it.
  for (int i = 0; i < 4; ++i) batch = stream.Next(std::move(batch));
  const std::int64_t before = AllocationsOfAllThreads();
  for (int i = 0; i < 50; ++i) batch = stream.Next(std::move(batch));
  EXPECT_EQ(AllocationsOfAllThreads() - before, 0);
}

}  // namespace
}  // namespace lockstep
