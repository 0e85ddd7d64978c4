#include "data/stream/slot_room.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace lockstep {

SlotRoom::SlotRoom(const CorpusInfo& info, Index frame_width, SplitShards* shards)
    : info_(info), frame_width_(frame_width), shards_(*shards) {}

// Elements of a row as batches have it: the frames of a step stand side by side.
Index SlotRoom::RowWidth(std::size_t f) const {
  const Field& field = info_.schema.fields[f];
  return f == 0 && field.is_real() ? frame_width_ : field.width;
}

void SlotRoom::ReserveField(std::size_t f, const SlotBounds& bounds, FieldBatch* batch) const {
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

void SlotRoom::Reserve(const SlotBounds& bounds, SlotBatch* slot) {
  const std::size_t sequences = static_cast<std::size_t>(bounds.sequences);
  lengths_.reserve(sequences);
  slot->layout.Reserve(bounds.steps);
  slot->sample_ids.reserve(sequences);
  slot->fields.resize(info_.schema.fields.size());
  for (std::size_t f = 0; f < slot->fields.size(); ++f) ReserveField(f, bounds, &slot->fields[f]);
}

void SlotRoom::Size(const std::vector<SampleRef>& samples, const ListRows& list_rows,
                    SlotBatch* slot) {
  lengths_.clear();
  for (const SampleRef& sample : samples) lengths_.push_back(sample.length);
  slot->layout.Assign(lengths_);
  slot->sample_ids.resize(samples.size());
  for (std::size_t f = 0; f < slot->fields.size(); ++f) SizeField(f, samples, list_rows, slot);
}

// Makes room for the rows of a field, and says where those of each sequence go.
void SlotRoom::SizeField(std::size_t f, const std::vector<SampleRef>& samples,
                         const ListRows& list_rows, SlotBatch* slot) {
  const Field& field = info_.schema.fields[f];
  FieldBatch* const batch = &slot->fields[f];
  Index rows = slot->layout.rows();
  if (field.alignment == Alignment::kSequence) rows = static_cast<Index>(samples.size());
  if (field.alignment == Alignment::kList) {
    SizeLists(f, samples, list_rows, batch);
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

void SlotRoom::SizeLists(std::size_t f, const std::vector<SampleRef>& samples,
                         const ListRows& list_rows, FieldBatch* batch) {
  batch->offsets.assign(1, 0);
  for (std::size_t b = 0; b < samples.size(); ++b) {
    const Index rows =
        list_rows ? list_rows(b) : shards_.ForReading(samples[b].shard).Rows(f, samples[b].record);
    batch->offsets.push_back(batch->offsets.back() + rows);
  }
}

// The longest first; of equal ones, in the order of the slot. A sample without a row of the field
// has no sequence in its layout.
void SlotRoom::SizeOwnSteps(std::size_t f, const std::vector<SampleRef>& samples,
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
void SlotRoom::SizeListsInSteps(std::size_t f, const std::vector<SampleRef>& samples,
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

}  // namespace lockstep
