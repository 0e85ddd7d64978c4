// Turns planned batches into packed ones: reads the samples of one rank's slots, verified, and lays
// them out time-major. Keeps the tables of one window of shards and a bounded number of open files.
// Used by one thread.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/batch.h"
#include "data/epoch_plan.h"
#include "data/frame_transform.h"
#include "data/shard_reader.h"

namespace lockstep {

// The shards of the window being read. Tables stay for the whole window; files are closed again
// when more than kMostOpenShards are open, the one used longest ago first.
class ShardCache {
 public:
  static constexpr std::size_t kMostOpenShards = 64;

  ShardCache(std::string folder, const CorpusInfo& info, const SplitInfo& split);

  // A shard for the lengths of its records. The plan asks for all shards of a window at once, so
  // the first question after a read begins a new window: the tables of the former one are dropped.
  const ShardReader& ForLengths(Index shard);
  // A shard of the current window, for reading; what it reads is valid until another one does.
  ShardReader& ForReading(Index shard);

  std::size_t open_shards() const { return open_.size(); }

 private:
  ShardReader& Reader(Index shard);
  void MarkUsed(Index shard);

  std::string folder_;
  const CorpusInfo& info_;
  const SplitInfo& split_;
  RecordBuffers buffers_;  // of all readers
  std::map<Index, std::unique_ptr<ShardReader>> readers_;
  std::list<Index> open_;  // last used first
  bool window_is_read_ = false;
};

class BatchReader {
 public:
  struct Options {
    std::uint64_t seed = 1;
    // Each sample is read from a strand drawn by (seed, epoch, sample id).
    bool random_strand = false;
    FrameOptions frames;  // of real-valued inputs
  };

  // UsageError when random strands are asked of a corpus without complements. `info` and `split`
  // must outlive the reader.
  BatchReader(const std::string& folder, const CorpusInfo& info, const SplitInfo& split,
              const Options& options);

  // Steps of the records of a shard as they come in an epoch.
  std::vector<Index> LengthsOf(Index epoch, Index shard);

  // A batch for the slots [range) with room for what `bounds` allow, so that Read need not
  // allocate.
  std::unique_ptr<RankBatch> EmptyBatch(SlotRange range, const SlotBounds& bounds);

  // Sets `batch`, made by EmptyBatch, to its slots of a planned batch. Records are read in the
  // order (shard, record), whatever the slots, so that the disk is met in order.
  void Read(const PlannedBatch& planned, const Cursor& cursor, RankBatch* batch);

 private:
  // A sample and where it goes.
  struct Placement {
    SampleRef sample;
    std::size_t slot = 0;  // within the rank's range
    Index sequence = 0;    // within the slot
  };

  void PlaceSamples(const PlannedBatch& planned, RankBatch* batch);
  void SizeSlot(const std::vector<SampleRef>& samples, SlotBatch* slot);
  void SizeTargets(const std::vector<SampleRef>& samples, SlotBatch* slot);
  void ReadSample(const Placement& placement, const Cursor& cursor, SlotBatch& slot);
  void ReadFeatures(const Placement& placement, const Cursor& cursor, SlotBatch& slot);
  void ReadSymbols(const Placement& placement, bool other_strand, SlotBatch& slot);
  void ReadTargets(const Placement& placement, bool other_strand, SlotBatch& slot);
  [[noreturn]] void RefuseTooShort(ShardReader& shard, Index record, Index steps,
                                   Index least) const;
  bool IsOtherStrand(Index epoch, std::uint64_t sample_id) const;

  const CorpusInfo& info_;
  Options options_;
  ShardCache cache_;
  FrameTransform frames_;
  std::vector<std::int32_t> values_;   // one record while it is placed
  std::vector<Placement> placements_;  // of the batch being read
  std::vector<Index> lengths_;         // of the slot being sized
};

}  // namespace lockstep
