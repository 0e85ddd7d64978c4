#include "data/stream/batch_reader.h"

#include <algorithm>
#include <cstring>
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

}  // namespace

BatchReader::BatchReader(const std::string& folder, const CorpusInfo& info, const SplitInfo& split,
                         const Options& options, SplitShards* shards)
    : info_(info),
      options_(options),
      shards_(*shards),
      frames_(options.frames, options.seed, info.inputs.width) {
  values_.reserve(static_cast<std::size_t>(std::max(split.longest, split.longest_targets)));
  if (info.inputs.type == ElementType::kFloat32) frames_.Reserve(split.longest);
  if (options.random_strand && (info.symbol_complement.empty() || info.class_complement.empty())) {
    throw UsageError(
        "random strands are asked for, but corpus {} (kind \"{}\") has no complements; switch them "
        "off",
        folder, info.kind);
  }
}

std::vector<Index> BatchReader::LengthsOf(Index epoch, Index shard) {
  const ShardReader& reader = shards_.ForLengths(shard);
  Status().Beat();
  std::vector<Index> lengths(static_cast<std::size_t>(reader.sequences()));
  for (Index record = 0; record < reader.sequences(); ++record) {
    lengths[static_cast<std::size_t>(record)] = frames_.Steps(
        reader.Length(record), reader.TargetLength(record), epoch, reader.SampleId(record));
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
  const std::size_t rows = static_cast<std::size_t>(bounds.rows);
  const bool is_real = info_.inputs.type == ElementType::kFloat32;
  for (SlotBatch& slot : batch->slots) {
    slot.layout.Reserve(bounds.steps);
    slot.sample_ids.reserve(sequences);
    slot.targets.reserve(
        info_.targets_per_step ? rows : sequences * static_cast<std::size_t>(bounds.targets));
    if (!info_.targets_per_step) slot.target_offsets.reserve(sequences + 1);
    if (is_real) slot.features = AlignedBuffer<float>(bounds.rows * frames_.output_width());
    if (!is_real) slot.symbols.reserve(rows);
  }
  return batch;
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
  const std::size_t rows = static_cast<std::size_t>(slot->layout.rows());
  slot->sample_ids.resize(samples.size());
  SizeTargets(samples, slot);
  if (info_.inputs.type != ElementType::kFloat32) {
    slot->symbols.resize(rows);
  } else if (slot->features.size() < slot->layout.rows() * frames_.output_width()) {
    slot->features = AlignedBuffer<float>(slot->layout.rows() * frames_.output_width());
  }
}

void BatchReader::SizeTargets(const std::vector<SampleRef>& samples, SlotBatch* slot) {
  if (info_.targets_per_step) {
    slot->targets.resize(static_cast<std::size_t>(slot->layout.rows()));
    return;
  }
  slot->target_offsets.assign(1, 0);
  for (const SampleRef& sample : samples) {
    const Index targets = shards_.ForReading(sample.shard).TargetLength(sample.record);
    slot->target_offsets.push_back(slot->target_offsets.back() + targets);
  }
  slot->targets.resize(static_cast<std::size_t>(slot->target_offsets.back()));
}

void BatchReader::ReadSample(const Placement& placement, const Cursor& cursor, SlotBatch& slot) {
  const ShardReader& shard = shards_.ForReading(placement.sample.shard);
  const std::uint64_t sample_id = shard.SampleId(placement.sample.record);
  slot.sample_ids[static_cast<std::size_t>(placement.sequence)] = sample_id;
  const bool other_strand = IsOtherStrand(cursor.epoch, sample_id);
  if (info_.inputs.type == ElementType::kFloat32) {
    ReadFeatures(placement, cursor, slot);
  } else {
    ReadSymbols(placement, other_strand, slot);
  }
  ReadTargets(placement, other_strand, slot);
}

void BatchReader::ReadFeatures(const Placement& placement, const Cursor& cursor, SlotBatch& slot) {
  ShardReader& shard = shards_.ForReading(placement.sample.shard);
  const Index record = placement.sample.record;
  const std::span<const std::byte> bytes = shard.Inputs(record);
  const std::span<const float> values(reinterpret_cast<const float*>(bytes.data()),
                                      bytes.size() / sizeof(float));
  frames_.Apply(values, shard.TargetLength(record), cursor.epoch, shard.SampleId(record));
  const Index width = frames_.output_width();
  for (Index t = 0; t < frames_.steps(); ++t) {
    frames_.Stack(t, slot.features.data() + slot.layout.Row(t, placement.sequence) * width);
  }
}

void BatchReader::ReadSymbols(const Placement& placement, bool other_strand, SlotBatch& slot) {
  ShardReader& shard = shards_.ForReading(placement.sample.shard);
  Widen(info_.inputs.type, shard.Inputs(placement.sample.record), false, values_);
  if (other_strand) ReverseComplement(info_.symbol_complement, values_);
  Scatter(values_, slot.layout, placement.sequence, slot.symbols.data());
}

void BatchReader::ReadTargets(const Placement& placement, bool other_strand, SlotBatch& slot) {
  ShardReader& shard = shards_.ForReading(placement.sample.shard);
  const Index record = placement.sample.record;
  Widen(info_.targets.type, shard.Targets(record), info_.targets_per_step, values_);
  if (info_.targets_per_step) {
    if (other_strand) ReverseComplement(info_.class_complement, values_);
    Scatter(values_, slot.layout, placement.sequence, slot.targets.data());
    return;
  }
  const Index least = CtcLeastSteps(values_);
  if (least > placement.sample.length)
    RefuseTooShort(shard, record, placement.sample.length, least);
  const Index first = slot.target_offsets[static_cast<std::size_t>(placement.sequence)];
  std::copy(values_.begin(), values_.end(), slot.targets.begin() + first);
}

void BatchReader::RefuseTooShort(ShardReader& shard, Index record, Index steps, Index least) const {
  throw BadData(
      "{}: its {} labels need {} steps, it has {} (stride {}); take a smaller data.stride, or "
      "prepare the corpus again with the stride it is to be trained with",
      shard.Where(record), shard.TargetLength(record), least, steps, options_.frames.stride);
}

bool BatchReader::IsOtherStrand(Index epoch, std::uint64_t sample_id) const {
  if (!options_.random_strand) return false;
  const CounterRng rng(options_.seed, RandomPurpose::kStrand, static_cast<std::uint64_t>(epoch));
  return (rng.Bits(sample_id) & 1) != 0;
}

}  // namespace lockstep
