#include "data/stream/sample_source.h"

#include "base/error.h"
#include "data/stream/stream_bounds.h"

namespace lockstep {

SampleSource::SampleSource(const std::string& folder, const CorpusInfo& info,
                           const SplitInfo& split, const StreamOptions& options, SlotRange range,
                           SplitShards* shards)
    : range_(range),
      shards_(*shards),
      reader_(folder, info, split,
              {options.plan.seed, options.random_strand, options.frames, options.labels_must_fit,
               CutsOf(options.plan), options.splice, options.mix, options.warp},
              shards),
      plan_(
          split, options.plan,
          [this](Index epoch, Index shard) { return reader_.LengthsOf(epoch, shard); },
          options.plan.cut_steps > 0 ? &shards_.Lengths() : nullptr,
          WritesTargets(info) ? EpochPlan::LengthsOf([this](Index, Index shard) {
            return reader_.TargetStepsOf(shard);
          })
                              : EpochPlan::LengthsOf()),
      feed_(plan_, shards, options.last_epoch),
      bounds_(BoundsOf(info, split, options)),
      parts_(options.part_steps, BatchSchema(info, options)) {
  if (options.part_steps > 0)
    whole_ = reader_.EmptyBatch(range_, WholeBounds(info, split, options));
  shards_.BeginStream(options.plan.window_sequences);
}

Cursor SampleSource::Read(const Cursor& cursor, RankBatch* batch) {
  const PlannedBatch& planned = plan_.BatchAt(cursor);
  if (whole_ != nullptr) return ReadPart(planned, cursor, batch);
  reader_.Read(planned, cursor, batch);
  return After(cursor);
}

Cursor SampleSource::ReadPart(const PlannedBatch& planned, const Cursor& cursor, RankBatch* batch) {
  const Cursor& held = whole_->cursor;
  if (!has_whole_ || held.epoch != cursor.epoch || held.step != cursor.step) {
    reader_.Read(planned, cursor, whole_.get());
    has_whole_ = true;
  }
  const Index count = parts_.Count(planned);
  if (cursor.part >= count) {
    throw UsageError("cannot start at epoch {} step {} part {}: its sequences have {} parts",
                     cursor.epoch, cursor.step, cursor.part, count);
  }
  parts_.Cut(planned, *whole_, cursor.part, batch);
  if (cursor.part + 1 < count) return {cursor.epoch, cursor.step, cursor.part + 1};
  return After(cursor);
}

// The end of an epoch is the beginning of the next.
Cursor SampleSource::After(const Cursor& cursor) {
  if (counted_epoch_ != cursor.epoch) {
    steps_in_epoch_ = plan_.StepsInEpoch(cursor.epoch);
    counted_epoch_ = cursor.epoch;
  }
  const Cursor next{cursor.epoch, cursor.step + 1};
  return next.step < steps_in_epoch_ ? next : plan_.Normalised(next);
}

}  // namespace lockstep
