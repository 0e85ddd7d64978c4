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
  if (!open_.empty() && open_.front() == shard) return;
  open_.remove(shard);
  open_.push_front(shard);
  if (open_.size() <= kMostOpenShards) return;
  readers_[open_.back()]->Close();
  open_.pop_back();
}

BatchReader::BatchReader(const std::string& folder, const CorpusInfo& info, const SplitInfo& split,
                         const Options& options)
    : info_(info), options_(options), cache_(folder, info, split) {
  if (options.random_strand && (info.symbol_complement.empty() || info.class_complement.empty())) {
    throw UsageError(
        "random strands are asked for, but corpus {} (kind \"{}\") has no complements; switch them "
        "off",
        folder, info.kind);
  }
}

std::unique_ptr<RankBatch> BatchReader::Read(const PlannedBatch& planned, const Cursor& cursor,
                                             SlotRange range) {
  auto batch = std::make_unique<RankBatch>();
  batch->cursor = cursor;
  batch->sequences = planned.sequences;
  batch->steps = planned.steps;
  batch->slot_range = range;
  std::vector<Placement> placements;
  for (Index s = range.first; s < range.last; ++s) {
    const std::vector<SampleRef>& samples = planned.slots[static_cast<std::size_t>(s)];
    for (std::size_t b = 0; b < samples.size(); ++b) {
      placements.push_back({samples[b], batch->slots.size(), static_cast<Index>(b)});
    }
    batch->slots.push_back(EmptySlot(samples));
  }
  std::sort(placements.begin(), placements.end(), [](const Placement& a, const Placement& b) {
    return std::tie(a.sample.shard, a.sample.record) < std::tie(b.sample.shard, b.sample.record);
  });
  for (const Placement& placement : placements) {
    ReadSample(placement, cursor, batch->slots[placement.slot]);
  }
  return batch;
}

SlotBatch BatchReader::EmptySlot(const std::vector<SampleRef>& samples) const {
  std::vector<Index> lengths;
  for (const SampleRef& sample : samples) lengths.push_back(sample.length);
  SlotBatch slot;
  slot.layout = PackedLayout(lengths);
  const std::size_t rows = static_cast<std::size_t>(slot.layout.rows());
  slot.sample_ids.resize(samples.size());
  slot.targets.resize(rows);
  if (info_.inputs.type == ElementType::kFloat32) {
    slot.features = AlignedBuffer<float>(slot.layout.rows() * info_.inputs.width);
  } else {
    slot.symbols.resize(rows);
  }
  return slot;
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
