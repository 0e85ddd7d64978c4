#include "data/stream/batch_reader.h"

#include <algorithm>
#include <tuple>

#include "base/counter_rng.h"
#include "base/error.h"
#include "base/rank_status.h"
#include "data/batch/label_fit.h"
#include "data/stream/record_rows.h"
#include "data/stream/sample_checks.h"
#include "data/stream/sample_reads.h"

namespace lockstep {
namespace {

std::span<const float> FramesIn(std::span<const std::byte> record) {
  return {reinterpret_cast<const float*>(record.data()), record.size() / sizeof(float)};
}

}  // namespace

bool WritesTargets(const CorpusInfo& info) {
  return !info.is_stream() && info.target().alignment == Alignment::kOwnSteps;
}

BatchReader::BatchReader(const std::string& folder, const CorpusInfo& info, const SplitInfo& split,
                         const Options& options, SplitShards* shards)
    : info_(info),
      options_(options),
      shards_(*shards),
      frames_(options.frames, options.seed, info.leading().width),
      splicer_(options.splice, options.seed, options.frames.stride, split.longest),
      room_(info, frames_.output_width(), shards) {
  CheckSamples(folder, info, options.frames, options.splice, options.random_strand);
  const Index samples = options.splice.join > 0 ? 2 : 1;  // that are put into one
  Index most = 0;
  for (std::size_t f = 0; f < info.schema.fields.size(); ++f) {
    if (!info.schema.fields[f].is_real()) {
      most = std::max(most, split.fields[f].longest * info.schema.fields[f].width);
    }
  }
  most = samples * most + samples - 1;
  values_.reserve(static_cast<std::size_t>(most));
  if (!info.leading().is_real()) return;
  frames_.Reserve(splicer_.MostFrames());
  MakeMixer(folder);
  if (!options.warp.IsIdentity()) {
    warp_.emplace(options.warp, info.leading().width, options.frames.bins);
    frames_.WarpBy(&*warp_);
  }
  if (options.splice.IsIdentity()) return;
  spliced_.reserve(static_cast<std::size_t>(splicer_.MostFrames() * info.leading().width));
}

void BatchReader::MakeMixer(const std::string& folder) {
  if (options_.mix.IsIdentity()) return;
  FrameCollection noise, rooms;
  if (options_.mix.uses_noise()) noise = ReadFrameStore(folder, info_.noise);
  if (options_.mix.uses_rooms()) rooms = ReadFrameStore(folder, info_.rooms);
  mixer_.emplace(options_.mix, info_.leading().width, frames_.MostFrames(splicer_.MostFrames()),
                 std::move(noise), std::move(rooms));
  frames_.MixBy(&*mixer_);
}

std::vector<Index> BatchReader::LengthsOf(Index draw, Index shard) {
  const ShardReader& reader = shards_.ForLengths(shard);
  Status().Beat();
  std::vector<Index> lengths(static_cast<std::size_t>(reader.sequences()));
  for (Index record = 0; record < reader.sequences(); ++record) {
    Index frames = reader.Length(record), rows = ListRows(reader, record);
    if (splices()) {
      const Splice splice = SpliceOf(reader, record, draw);
      frames = splice.frames();
      rows = splice.labels();
    }
    lengths[static_cast<std::size_t>(record)] =
        frames_.Steps(frames, rows, draw, reader.SampleId(record));
  }
  return lengths;
}

std::vector<Index> BatchReader::TargetStepsOf(Index shard) {
  const ShardReader& reader = shards_.ForLengths(shard);
  std::vector<Index> steps;
  for (Index record = 0; record < reader.sequences(); ++record) {
    steps.push_back(reader.Rows(info_.target_index(), record));
  }
  return steps;
}

Splice BatchReader::SpliceOf(const ShardReader& shard, Index record, Index draw) const {
  return splicer_.Draw(shard.tables(), info_.target_index(), record, draw);
}

std::unique_ptr<RankBatch> BatchReader::EmptyBatch(SlotRange range, const SlotBounds& bounds) {
  placements_.reserve(static_cast<std::size_t>(range.size() * bounds.sequences));
  auto batch = std::make_unique<RankBatch>();
  batch->slot_range = range;
  batch->slots.resize(static_cast<std::size_t>(range.size()));
  for (SlotBatch& slot : batch->slots) room_.Reserve(bounds, &slot);
  return batch;
}

void BatchReader::Read(const PlannedBatch& planned, const Cursor& cursor, RankBatch* batch) {
  batch->cursor = cursor;
  batch->sequences = planned.sequences;
  batch->steps = planned.steps;
  batch->target_steps = planned.target_steps;
  batch->begun = planned.sequences;
  PlaceSamples(planned, cursor.epoch, batch);
  for (const Placement& placement : placements_) {
    ReadSample(placement, cursor.epoch, batch->slots[placement.slot]);
    Status().Beat();
  }
}

// In the order in which they lie on the disk.
void BatchReader::PlaceSamples(const PlannedBatch& planned, Index epoch, RankBatch* batch) {
  placements_.clear();
  for (std::size_t local = 0; local < batch->slots.size(); ++local) {
    const std::size_t slot = static_cast<std::size_t>(batch->slot_range.first) + local;
    PlaceSlot(planned.slots[slot], local, epoch, batch);
  }
  std::sort(placements_.begin(), placements_.end(), [](const Placement& a, const Placement& b) {
    const Index a_piece = a.sample.piece, b_piece = b.sample.piece;
    return std::tie(a.sample.shard, a.sample.record, a_piece) <
           std::tie(b.sample.shard, b.sample.record, b_piece);
  });
}

// Adds the samples of a slot to placements_, and makes room for them.
void BatchReader::PlaceSlot(const std::vector<SampleRef>& samples, std::size_t slot, Index epoch,
                            RankBatch* batch) {
  const std::size_t first = placements_.size();
  for (std::size_t b = 0; b < samples.size(); ++b) {
    Placement placement{samples[b], slot, static_cast<Index>(b)};
    if (splices()) {
      placement.splice = SpliceOf(shards_.ForReading(samples[b].shard), samples[b].record,
                                  DrawOf(epoch, samples[b].copy));
    }
    placements_.push_back(placement);
  }
  SlotRoom::ListRows list_rows;
  if (splices()) {
    list_rows = [this, first](std::size_t b) { return placements_[first + b].splice.labels(); };
  }
  room_.Size(samples, list_rows, &batch->slots[slot]);
}

void BatchReader::ReadSample(const Placement& placement, Index epoch, SlotBatch& slot) {
  const ShardReader& shard = shards_.ForReading(placement.sample.shard);
  const std::uint64_t sample_id = shard.SampleId(placement.sample.record);
  slot.sample_ids[static_cast<std::size_t>(placement.sequence)] = sample_id;
  const Index draw = DrawOf(epoch, placement.sample.copy);
  for (std::size_t f = 0; f < slot.fields.size(); ++f) {
    if (f == 0 && info_.leading().is_real()) {
      ReadFrames(placement, draw, slot);
    } else if (splices()) {
      ReadSplicedLabels(placement, slot);
    } else {
      ReadField(f, placement, draw, slot);
    }
  }
}

void BatchReader::ReadFrames(const Placement& placement, Index draw, SlotBatch& slot) {
  ShardReader& shard = shards_.ForReading(placement.sample.shard);
  const Index record = placement.sample.record;
  if (splices()) {
    ReadSplicedFrames(shard, placement.splice);
    frames_.Apply(spliced_, placement.splice.labels(), draw, shard.SampleId(record));
  } else {
    frames_.Apply(FramesIn(ReadRows(0, placement, draw)), ListRows(shard, record), draw,
                  shard.SampleId(record));
  }
  const Index width = frames_.output_width();
  float* const rows = slot.fields[0].values.data();
  for (Index t = 0; t < frames_.steps(); ++t) {
    frames_.Stack(t, rows + slot.layout.Row(t, placement.sequence) * width);
  }
}

// Sets spliced_.
void BatchReader::ReadSplicedFrames(ShardReader& shard, const Splice& splice) {
  const Index width = info_.leading().width;
  spliced_.clear();
  for (const SplicePiece& piece : splice.pieces()) {
    const auto frames = FramesIn(shard.Read(0, piece.record));
    const auto kept = frames.subspan(static_cast<std::size_t>(piece.frames.begin * width),
                                     static_cast<std::size_t>(piece.frames.count() * width));
    spliced_.insert(spliced_.end(), kept.begin(), kept.end());
  }
}

// The labels of the pieces, with the separator between them. They are int32.
void BatchReader::ReadSplicedLabels(const Placement& placement, SlotBatch& slot) {
  ShardReader& shard = shards_.ForReading(placement.sample.shard);
  const std::size_t f = info_.target_index();
  const Splice& splice = placement.splice;
  values_.clear();
  for (const SplicePiece& piece : splice.pieces()) {
    if (&piece != splice.pieces().data()) {
      values_.insert(values_.end(), static_cast<std::size_t>(splice.separators),
                     options_.splice.separator);
    }
    const std::span<const std::byte> bytes = shard.Read(f, piece.record);
    const auto* const labels = reinterpret_cast<const std::int32_t*>(bytes.data());
    values_.insert(values_.end(), labels + piece.labels.begin, labels + piece.labels.end);
  }
  if (options_.labels_must_fit) CheckFit(shard, placement, f);
  PlaceIds(info_.target(), values_, placement.sequence, slot, &slot.fields[f]);
}

// The rows of a sample, or of the piece of it that the placement is about.
std::span<const std::byte> BatchReader::ReadRows(std::size_t f, const Placement& placement,
                                                 Index draw) {
  ShardReader& shard = shards_.ForReading(placement.sample.shard);
  const Index record = placement.sample.record, length = shard.Length(record);
  if (!options_.cuts.cuts() || placement.sample.length == length) return shard.Read(f, record);
  const SamplePiece piece =
      options_.cuts.Piece(draw, shard.SampleId(record), length, placement.sample.piece);
  return shard.ReadRows(f, record, piece.first, piece.steps);
}

void BatchReader::ReadField(std::size_t f, const Placement& placement, Index draw,
                            SlotBatch& slot) {
  ShardReader& shard = shards_.ForReading(placement.sample.shard);
  const Field& field = info_.schema.fields[f];
  const std::span<const std::byte> bytes = ReadRows(f, placement, draw);
  if (field.is_real()) return PlaceReals(field, bytes, placement.sequence, slot, &slot.fields[f]);
  Widen(field.type, bytes, field.role == FieldRole::kTarget && !HasOwnLength(field), values_);
  const std::vector<int>& complement = info_.schema.VocabularyOf(field).complement;
  const std::uint64_t sample_id = shard.SampleId(placement.sample.record);
  const bool other_strand = IsOtherStrand(draw, sample_id, placement.sample.piece);
  if (other_strand && !complement.empty()) ReverseComplement(complement, values_);
  if (options_.labels_must_fit && field.role == FieldRole::kTarget &&
      field.alignment == Alignment::kList) {
    CheckFit(shard, placement, f);
  }
  if (field.alignment == Alignment::kListInStep)
    return PlaceListsInSteps(values_, placement.sequence, slot, &slot.fields[f]);
  PlaceIds(field, values_, placement.sequence, slot, &slot.fields[f]);
}

// values_ hold the labels.
void BatchReader::CheckFit(ShardReader& shard, const Placement& placement, std::size_t f) const {
  const Index least = LeastStepsFor(values_), record = placement.sample.record;
  if (least <= placement.sample.length) return;
  throw BadData(
      "{}: its {} labels need {} steps, it has {} (stride {}); take a smaller data.stride, or "
      "prepare the corpus again with the stride it is to be trained with",
      shard.Where(record), shard.Rows(f, record), least, placement.sample.length,
      options_.frames.stride);
}

// Rows of the target where it is a list that is to be aligned to the steps, which must remain long
// enough; 0 otherwise.
Index BatchReader::ListRows(const ShardReader& shard, Index record) const {
  return info_.has_target_lists() ? shard.Rows(info_.target_index(), record) : shard.Length(record);
}

bool BatchReader::IsOtherStrand(Index draw, std::uint64_t sample_id, Index piece) const {
  if (!options_.random_strand) return false;
  const CounterRng rng(options_.seed, RandomPurpose::kStrand, static_cast<std::uint64_t>(draw),
                       static_cast<std::uint64_t>(piece));
  return (rng.Bits(sample_id) & 1) != 0;
}

}  // namespace lockstep
