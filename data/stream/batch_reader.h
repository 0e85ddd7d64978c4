// Turns planned batches into packed ones: reads and verifies the samples of one rank's slots, and
// writes them into batches in time-major order. For use by one thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/batch/batch.h"
#include "data/corpus/split_shards.h"
#include "data/stream/energy_mix.h"
#include "data/stream/epoch_plan.h"
#include "data/stream/frame_transform.h"
#include "data/stream/sample_cuts.h"
#include "data/stream/slot_room.h"
#include "data/stream/splice.h"

namespace lockstep {

// Whether the target of a corpus has steps of its own, Alignment::kOwnSteps.
bool WritesTargets(const CorpusInfo& info);

class BatchReader {
 public:
  struct Options {
    std::uint64_t seed = 1;
    // True: each sample is read either forwards, or backwards with the complements of its ids;
    // which one is a function of (seed, epoch, sample id, piece).
    bool random_strand = false;
    FrameOptions frames;  // for a real-valued leading field
    // True: refuses samples whose list of labels does not fit into their steps.
    bool labels_must_fit = false;
    SampleCuts cuts = {};            // those of the plan
    SpliceOptions splice = {};       // for frames with lists of labels
    EnergyMixOptions mix = {};       // for log-mel features; reads noise and rooms of the corpus
    FrequencyWarpOptions warp = {};  // for log-mel features and cepstra
  };

  // UsageError if random strands are requested for a corpus without complements, stacked frames for
  // a corpus in which other fields have one row per step, or crops for one without word cuts.
  // `info`, `split` and its `shards` must outlive the reader.
  BatchReader(const std::string& folder, const CorpusInfo& info, const SplitInfo& split,
              const Options& options, SplitShards* shards);

  // The steps that the records of a shard have in an epoch, after stretching and stacking. The
  // epoch is given as a draw (DrawOf), because stretching differs from copy to copy of a sample.
  std::vector<Index> LengthsOf(Index draw, Index shard);

  // The steps of the targets of a shard's records. Only for targets that have steps of their own
  // (WritesTargets).
  std::vector<Index> TargetStepsOf(Index shard);

  // Makes a batch for the slots in `range`, with enough memory for every batch within `bounds`, so
  // that Read does not have to allocate.
  std::unique_ptr<RankBatch> EmptyBatch(SlotRange range, const SlotBounds& bounds);

  // Fills `batch`, which EmptyBatch has made, with its slots of a planned batch. Records are read
  // in the order (shard, record), whatever their slots, so that the disk is read in order.
  void Read(const PlannedBatch& planned, const Cursor& cursor, RankBatch* batch);

 private:
  // A sample and its place in the batch.
  struct Placement {
    SampleRef sample;
    std::size_t slot = 0;  // within the rank's range
    Index sequence = 0;    // within the slot
    Splice splice = {};    // what it becomes; unused where samples are not spliced
  };

  void MakeMixer(const std::string& folder);
  void PlaceSamples(const PlannedBatch& planned, Index epoch, RankBatch* batch);
  void ReadSample(const Placement& placement, Index epoch, SlotBatch& slot);
  void ReadFrames(const Placement& placement, Index draw, SlotBatch& slot);
  void ReadField(std::size_t f, const Placement& placement, Index draw, SlotBatch& slot);
  bool splices() const { return !options_.splice.IsIdentity(); }
  Splice SpliceOf(const ShardReader& shard, Index record, Index draw) const;
  void PlaceSlot(const std::vector<SampleRef>& samples, std::size_t slot, Index epoch,
                 RankBatch* batch);
  void ReadSplicedFrames(ShardReader& shard, const Splice& splice);
  void ReadSplicedLabels(const Placement& placement, SlotBatch& slot);
  Index ListRows(const ShardReader& shard, Index record) const;
  void CheckFit(ShardReader& shard, const Placement& placement, std::size_t f) const;
  std::span<const std::byte> ReadRows(std::size_t f, const Placement& placement, Index draw);
  bool IsOtherStrand(Index draw, std::uint64_t sample_id, Index piece) const;

  const CorpusInfo& info_;
  Options options_;
  SplitShards& shards_;
  FrameTransform frames_;
  Splicer splicer_;
  std::optional<EnergyMixer> mixer_;
  std::optional<FrequencyWarp> warp_;
  SlotRoom room_;
  std::vector<std::int32_t> values_;   // the ids of one record, while they are written to the batch
  std::vector<float> spliced_;         // the frames of a sample, if it consists of several pieces
  std::vector<Placement> placements_;  // the samples of the batch being read
};

}  // namespace lockstep
