// Batches of a window are read into memory that was taken at the start, on the reading thread and
// on the one that trains.
#include <gtest/gtest.h>

#include "data/stream/batch_stream.h"
#include "tests/data/small_corpus.h"
#include "tests/data/speech_corpus.h"
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

// Allocations while 50 batches of a window are read and used.
std::int64_t AllocationsWithinAWindow(const TempFolder& folder, const CorpusInfo& info,
                                      const StreamOptions& options) {
  BatchStream stream(folder.path(), info, "train", options, {2, 6}, {});
  std::unique_ptr<RankBatch> batch;
  // The first batch has opened the shard; prefetch and the one in hand are behind it.
  for (int i = 0; i < 4; ++i) batch = stream.Next(std::move(batch));
  const std::int64_t before = AllocationsOfAllThreads();
  for (int i = 0; i < 50; ++i) batch = stream.Next(std::move(batch));
  return AllocationsOfAllThreads() - before;
}

TEST(BatchStream, AllocatesNothingWithinAWindow) {
  const TempFolder folder;
  const CorpusInfo info = WriteDnaCorpus(folder.path(), MixedLengths(2000, 80));
  StreamOptions options;
  options.plan = {3, 30, 8, 65536, true};  // 67 batches, sizes of 24, 32 and what is left
  EXPECT_EQ(AllocationsWithinAWindow(folder, info, options), 0);
}

TEST(BatchStream, AllocatesNothingForParts) {
  const TempFolder folder;
  const CorpusInfo info = WriteDnaCorpus(folder.path(), MixedLengths(2000, 80));
  StreamOptions options;
  options.plan = {3, 30, 8, 65536, true};
  options.part_steps = 25;
  EXPECT_EQ(AllocationsWithinAWindow(folder, info, options), 0);
}

// In corpus order, a sample much longer than those before comes in the midst.
TEST(BatchStream, AllocatesNothingForTranscriptsWithAllAugmentation) {
  std::vector<Index> lengths = MixedLengths(2000, 80);
  lengths[lengths.size() / 2] = 900;
  StreamOptions options;
  options.plan = {3, 30, 8, 65536, false};
  options.frames = {.stack = 4,
                    .stride = 2,
                    .stretch = 0.4,
                    .time_masks = 2,
                    .time_mask_frames = 20,
                    .band_masks = 1,
                    .band_mask_bins = 2,
                    .noise = 0.1,
                    .bins = 2};
  const TempFolder bytes, integers;
  const CorpusInfo of_bytes = WriteSpeechCorpus<std::uint8_t>(bytes.path(), lengths);
  EXPECT_EQ(AllocationsWithinAWindow(bytes, of_bytes, options), 0);
  const CorpusInfo of_integers = WriteSpeechCorpus<std::int32_t>(integers.path(), lengths);
  EXPECT_EQ(AllocationsWithinAWindow(integers, of_integers, options), 0);
}

}  // namespace
}  // namespace lockstep
