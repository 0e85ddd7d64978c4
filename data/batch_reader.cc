#include "data/batch_reader.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "base/counter_rng.h"
#include "base/error.h"

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

// The record as the other strand reads it: backwards, each value by its partner. Ignored stays.
void ReverseComplement(const std::vector<int>& complement, std::vector<std::int32_t>& values) {
  std::reverse(values.begin(), values.end());
  for (std::int32_t& value : values) {
    if (value >= 0) value = complement[static_cast<std::size_t>(value)];
  }
}

// Step t of sequence b becomes row Row(t, b).
void Scatter(const std::vector<std::int32_t>& values, const PackedLayout& layout, Index b,
             std::int32_t* rows) {
  const Index steps = static_cast<Index>(values.size());
  for (Index t = 0; t < steps; ++t) rows[layout.Row(t, b)] = values[static_cast<std::size_t>(t)];
}

void ScatterFeatures(std::span<const std::byte> bytes, Index width, const PackedLayout& layout,
                     Index b, float* rows) {
  const std::size_t row_bytes = static_cast<std::size_t>(width) * sizeof(float);
  const Index steps = static_cast<Index>(bytes.size() / row_bytes);
  for (Index t = 0; t < steps; ++t) {
    std::memcpy(rows + layout.Row(t, b) * width,
                bytes.data() + static_cast<std::size_t>(t) * row_bytes, row_bytes);
  }
}

}  // namespace

ShardCache::ShardCache(std::string folder, const CorpusInfo& info, const SplitInfo& split)
    : folder_(std::move(folder)), info_(info), split_(split) {}

std::vector<Index> ShardCache::LengthsOf(Index shard) {
  if (window_is_read_) {
    readers_.clear();
    open_.clear();
    window_is_read_ = false;
  }
  const ShardReader& reader = Reader(shard);
  std::vector<Index> lengths(static_cast<std::size_t>(reader.sequences()));
  for (std::size_t record = 0; record < lengths.size(); ++record) {
    lengths[record] = reader.Length(static_cast<Index>(record));
  }
  return lengths;
}

ShardReader& ShardCache::ForReading(Index shard) {
  window_is_read_ = true;
  return Reader(shard);
}

ShardReader& ShardCache::Reader(Index shard) {
  std::unique_ptr<ShardReader>& reader = readers_[shard];
  if (reader == nullptr) {
    const ShardInfo& which = split_.shards[static_cast<std::size_t>(shard)];
    reader = std::make_unique<ShardReader>(folder_, info_, which);
  }
  MarkUsed(shard);
  return *reader;
}

void ShardCache::MarkUsed(Index shard) {
  const auto found = std::find(open_.begin(), open_.end(), shard);
  if (found != open_.end()) {
    open_.splice(open_.begin(), open_, found);
    return;
  }
  open_.push_front(shard);
  if (open_.size() <= kMostOpenShards) return;
  readers_[open_.back()]->Close();
  open_.pop_back();
}

BatchReader::BatchReader(const std::string& folder, const CorpusInfo& info, const SplitInfo& split,
                         const Options& options)
    : info_(info), options_(options), cache_(folder, info, split) {
  values_.reserve(static_cast<std::size_t>(split.longest));
  if (options.random_strand && (info.symbol_complement.empty() || info.class_complement.empty())) {
    throw UsageError(
        "random strands are asked for, but corpus {} (kind \"{}\") has no complements; switch them "
        "off",
        folder, info.kind);
  }
}

std::unique_ptr<RankBatch> BatchReader::EmptyBatch(SlotRange range, const SlotBounds& bounds) {
  const std::size_t sequences = static_cast<std::size_t>(bounds.sequences);
  placements_.reserve(static_cast<std::size_t>(range.size()) * sequences);
  lengths_.reserve(sequences);
  auto batch = std::make_unique<RankBatch>();
  batch->slot_range = range;
  batch->slots.resize(static_cast<std::size_t>(range.size()));
  const std::size_t rows = static_cast<std::size_t>(bounds.rows);
  const bool is_real = info_.inputs.type == ElementType::kFloat32;
  for (SlotBatch& slot : batch->slots) {
    slot.layout.Reserve(bounds.steps);
    slot.sample_ids.reserve(sequences);
    slot.targets.reserve(rows);
    if (is_real) slot.features = AlignedBuffer<float>(bounds.rows * info_.inputs.width);
    if (!is_real) slot.symbols.reserve(rows);
  }
  return batch;
}

void BatchReader::Read(const PlannedBatch& planned, const Cursor& cursor, RankBatch* batch) {
  batch->cursor = cursor;
  batch->sequences = planned.sequences;
  batch->steps = planned.steps;
  PlaceSamples(planned, batch);
  for (const Placement& placement : placements_) {
    ReadSample(placement, cursor, batch->slots[placement.slot]);
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
  const std::size_t rows = static_cast<std::size_t>(slot->layout.rows());
  slot->sample_ids.resize(samples.size());
  slot->targets.resize(rows);
  if (info_.inputs.type != ElementType::kFloat32) {
    slot->symbols.resize(rows);
  } else if (slot->features.size() < slot->layout.rows() * info_.inputs.width) {
    slot->features = AlignedBuffer<float>(slot->layout.rows() * info_.inputs.width);
  }
}

void BatchReader::ReadSample(const Placement& placement, const Cursor& cursor, SlotBatch& slot) {
  ShardReader& shard = cache_.ForReading(placement.sample.shard);
  const Index record = placement.sample.record;
  const Index b = placement.sequence;
  const std::uint64_t sample_id = shard.SampleId(record);
  const bool other_strand = IsOtherStrand(cursor.epoch, sample_id);
  slot.sample_ids[static_cast<std::size_t>(b)] = sample_id;
  const std::span<const std::byte> inputs = shard.Inputs(record);
  if (info_.inputs.type == ElementType::kFloat32) {
    ScatterFeatures(inputs, info_.inputs.width, slot.layout, b, slot.features.data());
  } else {
    Widen(info_.inputs.type, inputs, false, values_);
    if (other_strand) ReverseComplement(info_.symbol_complement, values_);
    Scatter(values_, slot.layout, b, slot.symbols.data());
  }
  Widen(info_.targets.type, shard.Targets(record), true, values_);
  if (other_strand) ReverseComplement(info_.class_complement, values_);
  Scatter(values_, slot.layout, b, slot.targets.data());
}

bool BatchReader::IsOtherStrand(Index epoch, std::uint64_t sample_id) const {
  if (!options_.random_strand) return false;
  const CounterRng rng(options_.seed, RandomPurpose::kStrand, static_cast<std::uint64_t>(epoch));
  return (rng.Bits(sample_id) & 1) != 0;
}

}  // namespace lockstep
