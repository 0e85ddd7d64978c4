#include "data/stream/batch_reader.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <tuple>

#include "base/counter_rng.h"
#include "base/error.h"
#include "base/rank_status.h"
#include "data/batch/label_fit.h"
#include "data/corpus/record.h"

namespace lockstep {
namespace {

// The values of a record as int32; `ignored_byte` turns the ignored byte into kIgnoredTarget.
void Widen(ElementType type, std::span<const std::byte> bytes, bool ignored_byte,
           std::vector<std::int32_t>& values) {
  if (type == ElementType::kInt32) {
    values.resize(bytes.size() / sizeof(std::int32_t));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return;
  }
  values.resize(bytes.size());
  std::transform(bytes.begin(), bytes.end(), values.begin(),
                 [](std::byte b) { return std::to_integer<std::int32_t>(b); });
  if (ignored_byte) {
    std::replace(values.begin(), values.end(), std::int32_t{kIgnoredTargetByte}, kIgnoredTarget);
  }
}

// The record read backwards, each id by its partner. Ignored stays.
void ReverseComplement(const std::vector<int>& complement, std::vector<std::int32_t>& values) {
  std::reverse(values.begin(), values.end());
  for (std::int32_t& value : values) {
    if (value >= 0) value = complement[static_cast<std::size_t>(value)];
  }
}

}  // namespace

BatchReader::BatchReader(const std::string& folder, const CorpusInfo& info, const SplitInfo& split,
                         const Options& options, SplitShards* shards)
    : info_(info),
      options_(options),
      shards_(*shards),
      frames_(options.frames, options.seed, info.leading().width) {
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

std::vector<Index> BatchReader::LengthsOf(Index epoch, Index shard) {
  const ShardReader& reader = shards_.ForLengths(shard);
  Status().Beat();
  std::vector<Index> lengths(static_cast<std::size_t>(reader.sequences()));
  for (Index record = 0; record < reader.sequences(); ++record) {
    lengths[static_cast<std::size_t>(record)] = frames_.Steps(
        reader.Length(record), ListRows(reader, record), epoch, reader.SampleId(record));
  }
  return lengths;
}

std::unique_ptr<RankBatch> BatchReader::EmptyBatch(SlotRange range, const SlotBounds& bounds) {
  const std::size_t sequences = static_cast<std::size_t>(bounds.sequences);
  placements_.reserve(static_cast<std::size_t>(range.size()) * sequences);
  lengths_.reserve(sequences);
  auto batch = std::make_unique<RankBatch>();
  batch->slot_range = range;
  batch->slots.resize(static_cast<std::size_t>(range.size()));
  for (SlotBatch& slot : batch->slots) {
    slot.layout.Reserve(bounds.steps);
    slot.sample_ids.reserve(sequences);
    slot.fields.resize(info_.schema.fields.size());
    for (std::size_t f = 0; f < slot.fields.size(); ++f) ReserveField(f, bounds, &slot.fields[f]);
  }
  return batch;
}

// Elements of a row as batches have it: the frames of a step stand side by side.
Index BatchReader::RowWidth(std::size_t f) const {
  const Field& field = info_.schema.fields[f];
  return f == 0 && field.is_real() ? frames_.output_width() : field.width;
}

void BatchReader::ReserveField(std::size_t f, const SlotBounds& bounds, FieldBatch* batch) const {
  const Field& field = info_.schema.fields[f];
  const Index elements = bounds.field_rows[f] * RowWidth(f);
  if (field.is_real()) batch->values = AlignedBuffer<float>(elements);
  if (!field.is_real()) batch->ids.reserve(static_cast<std::size_t>(elements));
  if (field.alignment == Alignment::kList) {
    batch->offsets.reserve(static_cast<std::size_t>(bounds.sequences) + 1);
  }
  if (field.alignment == Alignment::kListInStep) {
    batch->offsets.reserve(static_cast<std::size_t>(bounds.rows) + 1);
  }
  if (field.alignment == Alignment::kOwnSteps) {
    batch->layout.Reserve(bounds.longest[f]);
    batch->sequence_of.reserve(static_cast<std::size_t>(bounds.sequences));
  }
}

void BatchReader::Read(const PlannedBatch& planned, const Cursor& cursor, RankBatch* batch) {
  batch->cursor = cursor;
  batch->sequences = planned.sequences;
  batch->steps = planned.steps;
  batch->begun = planned.sequences;
  PlaceSamples(planned, batch);
  for (const Placement& placement : placements_) {
    ReadSample(placement, cursor, batch->slots[placement.slot]);
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
    SizeSlot(samples, &batch->slots[local]);
  }
  std::sort(placements_.begin(), placements_.end(), [](const Placement& a, const Placement& b) {
    return std::tie(a.sample.shard, a.sample.record) < std::tie(b.sample.shard, b.sample.record);
  });
}

void BatchReader::SizeSlot(const std::vector<SampleRef>& samples, SlotBatch* slot) {
  lengths_.clear();
  for (const SampleRef& sample : samples) lengths_.push_back(sample.length);
  slot->layout.Assign(lengths_);
  slot->sample_ids.resize(samples.size());
  for (std::size_t f = 0; f < slot->fields.size(); ++f) SizeField(f, samples, slot);
}

// Makes room for the rows of a field, and says where those of each sequence go.
void BatchReader::SizeField(std::size_t f, const std::vector<SampleRef>& samples, SlotBatch* slot) {
  const Field& field = info_.schema.fields[f];
  FieldBatch* const batch = &slot->fields[f];
  Index rows = slot->layout.rows();
  if (field.alignment == Alignment::kSequence) rows = static_cast<Index>(samples.size());
  if (field.alignment == Alignment::kList) {
    SizeLists(f, samples, batch);
    rows = batch->offsets.back();
  } else if (field.alignment == Alignment::kOwnSteps) {
    SizeOwnSteps(f, samples, batch);
    rows = batch->layout.rows();
  } else if (field.alignment == Alignment::kListInStep) {
    SizeListsInSteps(f, samples, slot);
    rows = batch->offsets.back();
  }
  const Index elements = rows * RowWidth(f);
  if (!field.is_real()) {
    batch->ids.resize(static_cast<std::size_t>(elements));
  } else if (batch->values.size() < elements) {
    batch->values = AlignedBuffer<float>(elements);
  }
}

void BatchReader::SizeLists(std::size_t f, const std::vector<SampleRef>& samples,
                            FieldBatch* batch) {
  batch->offsets.assign(1, 0);
  for (const SampleRef& sample : samples) {
    const Index rows = shards_.ForReading(sample.shard).Rows(f, sample.record);
    batch->offsets.push_back(batch->offsets.back() + rows);
  }
}

// The longest first; of equal ones, in the order of the slot. A sample without a row of the field
// has no sequence in its layout.
void BatchReader::SizeOwnSteps(std::size_t f, const std::vector<SampleRef>& samples,
                               FieldBatch* batch) {
  const auto rows = [&](Index b) {
    const SampleRef& sample = samples[static_cast<std::size_t>(b)];
    return shards_.ForReading(sample.shard).Rows(f, sample.record);
  };
  batch->sequence_of.clear();
  for (Index b = 0; b < static_cast<Index>(samples.size()); ++b) {
    if (rows(b) > 0) batch->sequence_of.push_back(b);
  }
  std::sort(batch->sequence_of.begin(), batch->sequence_of.end(), [&](Index a, Index b) {
    return std::make_pair(-rows(a), a) < std::make_pair(-rows(b), b);
  });
  lengths_.clear();
  for (const Index b : batch->sequence_of) lengths_.push_back(rows(b));
  batch->layout.Assign(lengths_);
}

// Reads the lengths of the lists: they stand at the beginning of each record.
void BatchReader::SizeListsInSteps(std::size_t f, const std::vector<SampleRef>& samples,
                                   SlotBatch* slot) {
  FieldBatch& batch = slot->fields[f];
  batch.offsets.assign(static_cast<std::size_t>(slot->layout.rows()) + 1, 0);
  for (std::size_t b = 0; b < samples.size(); ++b) {
    ShardReader& shard = shards_.ForReading(samples[b].shard);
    const auto* const lengths =
        reinterpret_cast<const std::int32_t*>(shard.Read(f, samples[b].record).data());
    for (Index t = 0; t < slot->layout.Length(static_cast<Index>(b)); ++t) {
      const Index row = slot->layout.Row(t, static_cast<Index>(b));
      batch.offsets[static_cast<std::size_t>(row) + 1] = lengths[t];
    }
  }
  std::partial_sum(batch.offsets.begin(), batch.offsets.end(), batch.offsets.begin());
}

void BatchReader::ReadSample(const Placement& placement, const Cursor& cursor, SlotBatch& slot) {
  const ShardReader& shard = shards_.ForReading(placement.sample.shard);
  const std::uint64_t sample_id = shard.SampleId(placement.sample.record);
  slot.sample_ids[static_cast<std::size_t>(placement.sequence)] = sample_id;
  const bool other_strand = IsOtherStrand(cursor.epoch, sample_id);
  for (std::size_t f = 0; f < slot.fields.size(); ++f) {
    if (f == 0 && info_.leading().is_real()) {
      ReadFrames(placement, cursor, slot);
    } else {
      ReadField(f, placement, other_strand, slot);
    }
  }
}

void BatchReader::ReadFrames(const Placement& placement, const Cursor& cursor, SlotBatch& slot) {
  ShardReader& shard = shards_.ForReading(placement.sample.shard);
  const Index record = placement.sample.record;
  const std::span<const std::byte> bytes = shard.Read(0, record);
  const std::span<const float> values(reinterpret_cast<const float*>(bytes.data()),
                                      bytes.size() / sizeof(float));
  frames_.Apply(values, ListRows(shard, record), cursor.epoch, shard.SampleId(record));
  const Index width = frames_.output_width();
  float* const rows = slot.fields[0].values.data();
  for (Index t = 0; t < frames_.steps(); ++t) {
    frames_.Stack(t, rows + slot.layout.Row(t, placement.sequence) * width);
  }
}

void BatchReader::ReadField(std::size_t f, const Placement& placement, bool other_strand,
                            SlotBatch& slot) {
  ShardReader& shard = shards_.ForReading(placement.sample.shard);
  const Field& field = info_.schema.fields[f];
  const std::span<const std::byte> bytes = shard.Read(f, placement.sample.record);
  if (field.is_real()) return PlaceReals(field, bytes, placement, slot, &slot.fields[f]);
  Widen(field.type, bytes, field.role == FieldRole::kTarget && !HasOwnLength(field), values_);
  const std::vector<int>& complement = info_.schema.VocabularyOf(field).complement;
  if (other_strand && !complement.empty()) ReverseComplement(complement, values_);
  if (options_.labels_must_fit && field.role == FieldRole::kTarget &&
      field.alignment == Alignment::kList) {
    CheckFit(shard, placement, f);
  }
  if (field.alignment == Alignment::kListInStep)
    return PlaceListsInSteps(placement, slot, &slot.fields[f]);
  PlaceIds(field, placement, slot, &slot.fields[f]);
}

// Row of the batch that row `row` of a sequence's record goes to.
Index BatchReader::RowIn(const Field& field, const SlotBatch& slot, const FieldBatch& batch,
                         Index sequence, Index row) const {
  if (field.alignment == Alignment::kStep) return slot.layout.Row(row, sequence);
  if (field.alignment == Alignment::kSequence) return sequence;
  if (field.alignment == Alignment::kList)
    return batch.offsets[static_cast<std::size_t>(sequence)] + row;
  const auto found = std::find(batch.sequence_of.begin(), batch.sequence_of.end(), sequence);
  return batch.layout.Row(row, found - batch.sequence_of.begin());
}

void BatchReader::PlaceIds(const Field& field, const Placement& placement, const SlotBatch& slot,
                           FieldBatch* batch) {
  const Index rows = static_cast<Index>(values_.size()) / field.width;
  for (Index row = 0; row < rows; ++row) {
    const Index to = RowIn(field, slot, *batch, placement.sequence, row);
    std::copy_n(values_.begin() + row * field.width, field.width,
                batch->ids.begin() + to * field.width);
  }
}

void BatchReader::PlaceReals(const Field& field, std::span<const std::byte> bytes,
                             const Placement& placement, const SlotBatch& slot,
                             FieldBatch* batch) const {
  const auto* const values = reinterpret_cast<const float*>(bytes.data());
  const Index rows = static_cast<Index>(bytes.size()) / RowBytes(field);
  for (Index row = 0; row < rows; ++row) {
    const Index to = RowIn(field, slot, *batch, placement.sequence, row);
    std::copy_n(values + row * field.width, field.width, batch->values.data() + to * field.width);
  }
}

void BatchReader::PlaceListsInSteps(const Placement& placement, const SlotBatch& slot,
                                    FieldBatch* batch) {
  const Index steps = slot.layout.Length(placement.sequence);
  auto from = values_.begin() + steps;
  for (Index t = 0; t < steps; ++t) {
    const auto row = static_cast<std::size_t>(slot.layout.Row(t, placement.sequence));
    const Index length = batch->offsets[row + 1] - batch->offsets[row];
    std::copy_n(from, length, batch->ids.begin() + batch->offsets[row]);
    from += length;
  }
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

bool BatchReader::IsOtherStrand(Index epoch, std::uint64_t sample_id) const {
  if (!options_.random_strand) return false;
  const CounterRng rng(options_.seed, RandomPurpose::kStrand, static_cast<std::uint64_t>(epoch));
  return (rng.Bits(sample_id) & 1) != 0;
}

}  // namespace lockstep
