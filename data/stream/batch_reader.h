// Turns planned batches into packed ones: reads the samples of one rank's slots, verified, and lays
// them out time-major. Used by one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/batch/batch.h"
#include "data/corpus/split_shards.h"
#include "data/stream/epoch_plan.h"
#include "data/stream/frame_transform.h"
#include "data/stream/slot_room.h"

namespace lockstep {

class BatchReader {
 public:
  struct Options {
    std::uint64_t seed = 1;
    // Each sample is read forwards, or backwards with the complements of its ids, drawn by (seed,
    // epoch, sample id).
    bool random_strand = false;
    FrameOptions frames;  // of a real-valued leading field
    bool labels_must_fit =
        false;  // refuses target lists that the steps of their sample cannot hold
  };

  // UsageError when random strands are asked of a corpus without complements, or frames are to be
  // stacked where other fields go with the steps. `info`, `split` and its `shards` must outlive the
  // reader.
  BatchReader(const std::string& folder, const CorpusInfo& info, const SplitInfo& split,
              const Options& options, SplitShards* shards);

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

  void CheckOptions(const std::string& folder) const;
  void CheckFrames(const std::string& folder) const;
  void PlaceSamples(const PlannedBatch& planned, RankBatch* batch);
  void ReadSample(const Placement& placement, const Cursor& cursor, SlotBatch& slot);
  void ReadFrames(const Placement& placement, const Cursor& cursor, SlotBatch& slot);
  void ReadField(std::size_t f, const Placement& placement, bool other_strand, SlotBatch& slot);
  Index ListRows(const ShardReader& shard, Index record) const;
  void CheckFit(ShardReader& shard, const Placement& placement, std::size_t f) const;
  bool IsOtherStrand(Index epoch, std::uint64_t sample_id) const;

  const CorpusInfo& info_;
  Options options_;
  SplitShards& shards_;
  FrameTransform frames_;
  SlotRoom room_;
  std::vector<std::int32_t> values_;   // one record while it is placed
  std::vector<Placement> placements_;  // of the batch being read
};

}  // namespace lockstep
