#include "data/stream/symbol_source.h"

#include <algorithm>

#include "base/error.h"
#include "base/rank_status.h"
#include "data/corpus/record.h"
#include "data/stream/record_rows.h"

namespace lockstep {
namespace {

// Piece number `number` of `count` items that are cut into `pieces` pieces of nearly equal size,
// the larger ones first.
Index PieceBegin(Index count, Index pieces, Index number) {
  return number * (count / pieces) + std::min(number, count % pieces);
}

Index LongestStream(const SplitInfo& split, const StreamOptions& options) {
  const Index streams = StreamsOf(split, options);
  return (split.steps + streams - 1) / streams;
}

}  // namespace

SymbolSource::SymbolSource(std::string folder, const CorpusInfo& info, const SplitInfo& split,
                           const StreamOptions& options, SlotRange range)
    : folder_(std::move(folder)),
      info_(info),
      split_(split),
      range_(range),
      slots_(options.plan.slots),
      part_steps_(options.part_steps),
      streams_count_(StreamsOf(split, options)),
      parts_(Parts(split, options)),
      bounds_(Bounds(info, split, options)),
      start_(info.schema.VocabularyOf(info.leading()).start) {
  LOCKSTEP_CHECK(info.is_stream() && part_steps_ > 0);
  Index begin = 0;
  for (const ShardInfo& shard : split.shards) {
    shard_begins_.push_back(begin);
    begin += shard.steps;
  }
  for (Index slot = range.first; slot < range.last; ++slot) {
    const SlotRange streams = StreamsOfSlot(slot);
    for (Index b = streams.first; b < streams.last; ++b) streams_.push_back(MakeStream(b));
  }
}

SymbolSource::Stream SymbolSource::MakeStream(Index number) const {
  Stream stream;
  stream.begin = PieceBegin(split_.steps, streams_count_, number);
  stream.count = PieceBegin(split_.steps, streams_count_, number + 1) - stream.begin;
  stream.block.reserve(static_cast<std::size_t>(split_.longest));
  return stream;
}

// Consecutive streams; the longer ones come first, as PackedLayout needs them.
SlotRange SymbolSource::StreamsOfSlot(Index slot) const {
  return DealSlots(streams_count_, slot, slots_);
}

std::unique_ptr<RankBatch> SymbolSource::EmptyBatch() {
  auto batch = std::make_unique<RankBatch>();
  batch->slot_range = range_;
  batch->slots.resize(static_cast<std::size_t>(range_.size()));
  for (SlotBatch& slot : batch->slots) {
    slot.layout.Reserve(bounds_.steps);
    slot.sample_ids.reserve(static_cast<std::size_t>(bounds_.sequences));
    slot.fields.resize(2);
    for (FieldBatch& field : slot.fields) field.ids.reserve(static_cast<std::size_t>(bounds_.rows));
  }
  return batch;
}

Cursor SymbolSource::Read(const Cursor& cursor, RankBatch* batch) {
  const Index first = cursor.part * part_steps_;
  if (cursor.step > 0 || cursor.part >= parts_) {
    throw UsageError(
        "cannot start at epoch {} step {} part {}: an epoch of the stream has {} parts",
        cursor.epoch, cursor.step, cursor.part, parts_);
  }
  batch->cursor = cursor;
  batch->sequences = batch->steps = 0;
  for (Index b = 0; b < streams_count_; ++b) {
    const Index count = PieceBegin(split_.steps, streams_count_, b + 1) -
                        PieceBegin(split_.steps, streams_count_, b);
    batch->sequences += count > first ? 1 : 0;
    batch->steps += std::clamp<Index>(count - first, 0, part_steps_);
  }
  batch->begun = cursor.part == 0 ? batch->sequences : 0;
  for (Index slot = range_.first; slot < range_.last; ++slot)
    ReadSlot(slot, first, &batch->slots[static_cast<std::size_t>(slot - range_.first)]);
  Status().Beat();
  return cursor.part + 1 < parts_ ? Cursor{cursor.epoch, 0, cursor.part + 1}
                                  : Cursor{cursor.epoch + 1, 0, 0};
}

Cursor SymbolSource::Normalised(Cursor cursor) const {
  return cursor.step == 0 ? cursor : Cursor{cursor.epoch + 1, 0, 0};
}

// Steps [first, first + part_steps) of the streams of a slot.
void SymbolSource::ReadSlot(Index slot, Index first, SlotBatch* batch) {
  const SlotRange numbers = StreamsOfSlot(slot);
  const Index offset = StreamsOfSlot(range_.first).first;
  lengths_.clear();
  batch->sample_ids.clear();
  for (Index b = numbers.first; b < numbers.last; ++b) {
    const Index left = streams_[static_cast<std::size_t>(b - offset)].count - first;
    if (left <= 0) break;  // those after it are not longer
    lengths_.push_back(std::min(left, part_steps_));
  }
  batch->layout.Assign(lengths_);
  for (FieldBatch& field : batch->fields)
    field.ids.resize(static_cast<std::size_t>(batch->layout.rows()));
  for (Index b = 0; b < std::ssize(lengths_); ++b) {
    Stream& stream = streams_[static_cast<std::size_t>(numbers.first - offset + b)];
    const Index begin = stream.begin + first;
    std::int32_t before = begin == 0 ? start_ : SymbolAt(&stream, begin - 1);
    for (Index t = 0; t < lengths_[static_cast<std::size_t>(b)]; ++t) {
      const auto row = static_cast<std::size_t>(batch->layout.Row(t, b));
      batch->fields[0].ids[row] = before;
      before = batch->fields[1].ids[row] = SymbolAt(&stream, begin + t);
      if (t == 0) batch->sample_ids.push_back(stream.sample_id);
    }
  }
}

std::int32_t SymbolSource::SymbolAt(Stream* stream, Index symbol) {
  const Index at = symbol - stream->block_begin;
  if (at < 0 || at >= std::ssize(stream->block)) {
    ReadBlock(symbol, stream);
    return stream->block[static_cast<std::size_t>(symbol - stream->block_begin)];
  }
  return stream->block[static_cast<std::size_t>(at)];
}

void SymbolSource::OpenShard(Index symbol, Stream* stream) {
  const auto after = std::upper_bound(shard_begins_.begin(), shard_begins_.end(), symbol);
  const Index shard = after - shard_begins_.begin() - 1;
  if (shard == stream->shard) return;
  stream->reader.reset();
  stream->shard = shard;
  stream->shard_begin = shard_begins_[static_cast<std::size_t>(shard)];
  stream->reader = std::make_unique<ShardReader>(
      folder_, info_, split_.shards[static_cast<std::size_t>(shard)], &buffers_);
}

// Reads the block with this symbol. The file is closed after that: a rank may have more streams
// than a process may have open files.
void SymbolSource::ReadBlock(Index symbol, Stream* stream) {
  OpenShard(symbol, stream);
  const ShardTables& tables = stream->reader->tables();
  // The last record whose first symbol is not after this one.
  Index low = 0, high = tables.sequences();
  while (high - low > 1) {
    const Index middle = (low + high) / 2;
    (stream->shard_begin + tables.FirstRow(0, middle) <= symbol ? low : high) = middle;
  }
  const std::span<const std::byte> bytes = stream->reader->Read(0, low);
  Widen(info_.leading().type, bytes, false, stream->block);
  stream->block_begin = stream->shard_begin + tables.FirstRow(0, low);
  stream->sample_id = tables.SampleId(low);
  stream->reader->Close();
}

Index SymbolSource::Parts(const SplitInfo& split, const StreamOptions& options) {
  return (LongestStream(split, options) + options.part_steps - 1) / options.part_steps;
}

SlotBounds SymbolSource::Bounds(const CorpusInfo& info, const SplitInfo& split,
                                const StreamOptions& options) {
  LOCKSTEP_CHECK(info.is_stream());
  const Index streams = StreamsOf(split, options), slots = options.plan.slots;
  const Index longest = LongestStream(split, options);
  SlotBounds bounds;
  bounds.sequences = (streams + slots - 1) / slots;
  bounds.steps = options.part_steps > 0 ? std::min(options.part_steps, longest) : longest;
  bounds.rows = bounds.sequences * bounds.steps;
  bounds.field_rows.assign(2, bounds.rows);
  bounds.longest.assign(2, bounds.steps);
  return bounds;
}

Index SymbolSource::Bytes(const CorpusInfo& info, const SplitInfo& split,
                          const StreamOptions& options, SlotRange range) {
  Index records = 0;
  for (const ShardInfo& shard : split.shards) records = std::max(records, shard.sequences);
  constexpr Index kTables = 4, kReaderBytes = 1024;  // offset, sample id and checksum; rounding
  constexpr auto kWord = static_cast<Index>(sizeof(std::uint64_t));
  const Index streams = range.size() * Bounds(info, split, options).sequences;
  const Index block = split.longest * static_cast<Index>(sizeof(std::int32_t));
  const Index shards = std::ssize(split.shards) * kWord;
  return streams * (block + records * kTables * kWord + kReaderBytes) + block + shards;
}

}  // namespace lockstep
