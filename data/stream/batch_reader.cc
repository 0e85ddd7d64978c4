#include "data/stream/batch_reader.h"

#include <algorithm>
#include <tuple>

#include "base/counter_rng.h"
#include "base/error.h"
#include "base/rank_status.h"
#include "data/batch/label_fit.h"
#include "data/stream/record_rows.h"
#include "data/stream/sample_reads.h"

namespace lockstep {

BatchReader::BatchReader(const std::string& folder, const CorpusInfo& info, const SplitInfo& split,
                         const Options& options, SplitShards* shards)
    : info_(info),
      options_(options),
      shards_(*shards),
      frames_(options.frames, options.seed, info.leading().width),
      room_(info, frames_.output_width(), shards) {
  CheckOptions(folder);
  Index most = 0;
  for (std::size_t f = 0; f < info.schema.fields.size(); ++f) {
    if (!info.schema.fields[f].is_real()) {
      most = std::max(most, split.fields[f].longest * info.schema.fields[f].width);
    }
  }
  values_.reserve(static_cast<std::size_t>(most));
  if (info.leading().is_real()) frames_.Reserve(split.longest);
}

void BatchReader::CheckOptions(const std::string& folder) const {
  CheckFrames(folder);
  if (!options_.random_strand) return;
  for (const Field& field : info_.schema.fields) {
    // What belongs to the whole sequence may be the same on both strands.
    const bool may_stay = field.alignment == Alignment::kSequence;
    const bool turns = !field.is_real() && field.alignment == Alignment::kStep &&
                       field.width == 1 && !info_.schema.VocabularyOf(field).complement.empty();
    if (may_stay || turns) continue;
    throw UsageError(
        "random strands are asked for, but corpus {} (kind \"{}\") has no complements of its field "
        "\"{}\"; set data.random_strand = false",
        folder, info_.kind, field.name);
  }
}

// Frames can be changed where nothing else counts them: stacking, strides and stretching change
// their number.
void BatchReader::CheckFrames(const std::string& folder) const {
  if (options_.frames.IsIdentity()) return;
  if (!info_.leading().is_real()) {
    throw UsageError(
        "the steps of corpus {} are ids, which cannot be stacked, masked or stretched: set "
        "data.stack = 1 and "
        "data.stride = 1 and leave out augment.*",
        folder);
  }
  const FrameOptions& frames = options_.frames;
  if (frames.stack == 1 && frames.stride == 1 && frames.stretch == 0) return;
  for (std::size_t f = 1; f < info_.schema.fields.size(); ++f) {
    const Field& field = info_.schema.fields[f];
    if (field.alignment != Alignment::kStep && field.alignment != Alignment::kListInStep) continue;
    throw UsageError(
        "the steps of corpus {} cannot be joined, stretched or left out, as its field \"{}\" has a "
        "row for each of "
        "them: set data.stack = 1, data.stride = 1 and augment.stretch = 0",
        folder, field.name);
  }
}

std::vector<Index> BatchReader::LengthsOf(Index draw, Index shard) {
  const ShardReader& reader = shards_.ForLengths(shard);
  Status().Beat();
  std::vector<Index> lengths(static_cast<std::size_t>(reader.sequences()));
  for (Index record = 0; record < reader.sequences(); ++record) {
    lengths[static_cast<std::size_t>(record)] = frames_.Steps(
        reader.Length(record), ListRows(reader, record), draw, reader.SampleId(record));
  }
  return lengths;
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
  batch->begun = planned.sequences;
  PlaceSamples(planned, batch);
  for (const Placement& placement : placements_) {
    ReadSample(placement, cursor.epoch, batch->slots[placement.slot]);
    Status().Beat();
  }
}

// In the order in which they lie on the disk.
void BatchReader::PlaceSamples(const PlannedBatch& planned, RankBatch* batch) {
  placements_.clear();
  for (std::size_t local = 0; local < batch->slots.size(); ++local) {
    const std::size_t slot = static_cast<std::size_t>(batch->slot_range.first) + local;
    const std::vector<SampleRef>& samples = planned.slots[slot];
    for (std::size_t b = 0; b < samples.size(); ++b) {
      placements_.push_back({samples[b], local, static_cast<Index>(b)});
    }
    room_.Size(samples, &batch->slots[local]);
  }
  std::sort(placements_.begin(), placements_.end(), [](const Placement& a, const Placement& b) {
    const Index a_piece = a.sample.piece, b_piece = b.sample.piece;
    return std::tie(a.sample.shard, a.sample.record, a_piece) <
           std::tie(b.sample.shard, b.sample.record, b_piece);
  });
}

void BatchReader::ReadSample(const Placement& placement, Index epoch, SlotBatch& slot) {
  const ShardReader& shard = shards_.ForReading(placement.sample.shard);
  const std::uint64_t sample_id = shard.SampleId(placement.sample.record);
  slot.sample_ids[static_cast<std::size_t>(placement.sequence)] = sample_id;
  const Index draw = DrawOf(epoch, placement.sample.copy);
  for (std::size_t f = 0; f < slot.fields.size(); ++f) {
    if (f == 0 && info_.leading().is_real()) {
      ReadFrames(placement, draw, slot);
    } else {
      ReadField(f, placement, draw, slot);
    }
  }
}

void BatchReader::ReadFrames(const Placement& placement, Index draw, SlotBatch& slot) {
  ShardReader& shard = shards_.ForReading(placement.sample.shard);
  const Index record = placement.sample.record;
  const std::span<const std::byte> bytes = ReadRows(0, placement, draw);
  const std::span<const float> values(reinterpret_cast<const float*>(bytes.data()),
                                      bytes.size() / sizeof(float));
  frames_.Apply(values, ListRows(shard, record), draw, shard.SampleId(record));
  const Index width = frames_.output_width();
  float* const rows = slot.fields[0].values.data();
  for (Index t = 0; t < frames_.steps(); ++t) {
    frames_.Stack(t, rows + slot.layout.Row(t, placement.sequence) * width);
  }
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
