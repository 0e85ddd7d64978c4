// Batches of samples: planned by EpochPlan, read by BatchReader and, where long sequences come in
// parts, cut by SequenceParts.
#pragma once

#include <memory>
#include <string>

#include "data/stream/batch_reader.h"
#include "data/stream/batch_source.h"
#include "data/stream/sequence_parts.h"
#include "data/stream/stream_options.h"
#include "data/stream/table_feed.h"

namespace lockstep {

class SampleSource : public BatchSource {
 public:
  // Reads the slots in `range` of every global batch of the split. All must outlive it.
  SampleSource(const std::string& folder, const CorpusInfo& info, const SplitInfo& split,
               const StreamOptions& options, SlotRange range, SplitShards* shards);

  std::unique_ptr<RankBatch> EmptyBatch() override { return reader_.EmptyBatch(range_, bounds_); }
  Cursor Read(const Cursor& cursor, RankBatch* batch) override;
  Index StepsInEpoch(Index epoch) const override { return plan_.StepsInEpoch(epoch); }
  Cursor Normalised(Cursor cursor) const override { return plan_.Normalised(cursor); }
  void Advance(const Cursor& cursor) override { feed_.Advance(cursor); }
  void End() override { shards_.EndStream(); }

 private:
  Cursor ReadPart(const PlannedBatch& planned, const Cursor& cursor, RankBatch* batch);
  Cursor After(const Cursor& cursor);

  const SlotRange range_;
  SplitShards& shards_;
  BatchReader reader_;
  EpochPlan plan_;
  TableFeed feed_;
  const SlotBounds bounds_;
  SequenceParts parts_;
  std::unique_ptr<RankBatch> whole_;  // what parts are cut from; null: sequences are not cut
  bool has_whole_ = false;            // whole_ holds the batch at its cursor
  // The number of batches of an epoch, which takes long to count where there are many shards.
  Index counted_epoch_ = -1;
  Index steps_in_epoch_ = 0;
};

}  // namespace lockstep
