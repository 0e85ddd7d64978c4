#include "data/stream/stream_bounds.h"

#include <algorithm>

#include "data/corpus/record.h"
#include "data/corpus/split_shards.h"
#include "data/stream/symbol_source.h"

namespace lockstep {
namespace {

constexpr Index kValueBytes = 4;  // of a feature, symbol or class in a batch

// Rows of a field in a slot, once those of the steps are known. `once`: no sample is there twice.
// `joins`: two samples may become one, with a label between them.
void AddFieldBounds(const CorpusInfo& info, const SplitInfo& split, std::size_t f, bool once,
                    bool joins, SlotBounds* bounds) {
  const FieldCounts& counts = split.fields[f];
  Index rows = bounds->rows, longest = bounds->steps;
  if (info.schema.fields[f].alignment == Alignment::kSequence) {
    rows = bounds->sequences;
    longest = 1;
  } else if (HasOwnLength(info.schema.fields[f])) {
    longest = joins ? 2 * counts.longest + 1 : counts.longest;
    rows = bounds->sequences * longest;
    if (once && !joins) rows = std::min(rows, counts.rows);
  }
  bounds->field_rows.push_back(rows);
  bounds->longest.push_back(longest);
}

// Where the rows of a field are in a slot (PackedLayout, FieldBatch): much, where a slot has few
// sequences and they are long.
Index PlaceBytes(const Field& field, std::size_t f, const SlotBounds& bounds) {
  constexpr auto kWord = static_cast<Index>(sizeof(Index));
  switch (field.alignment) {
    case Alignment::kList:
      return (bounds.sequences + 1) * kWord;
    case Alignment::kListInStep:
      return (bounds.rows + 1) * kWord;
    case Alignment::kOwnSteps:
      return (2 * bounds.longest[f] + 1 + bounds.sequences) * kWord;
    default:
      return 0;
  }
}

Index SlotBytes(const CorpusInfo& info, const StreamOptions& options, const SlotBounds& bounds) {
  constexpr Index kBlockBytes = 64;  // what the allocator and alignment take for each array
  constexpr auto kWord = static_cast<Index>(sizeof(Index));
  const Schema schema = BatchSchema(info, options);
  Index bytes = (2 * bounds.steps + 1 + bounds.sequences) * kWord + 3 * kBlockBytes +
                static_cast<Index>(sizeof(SlotBatch));
  for (std::size_t f = 0; f < schema.fields.size(); ++f) {
    bytes += bounds.field_rows[f] * schema.fields[f].width * kValueBytes + kBlockBytes +
             PlaceBytes(schema.fields[f], f, bounds) + static_cast<Index>(sizeof(FieldBatch));
  }
  return bytes;
}

Index MostSplicedFrames(const SplitInfo& split, const StreamOptions& options) {
  return Splicer(options.splice, 0, options.frames.stride, split.longest).MostFrames();
}

// Noise and rooms of the corpus, and the sample that they are added to.
Index MixBytes(const CorpusInfo& info, const SplitInfo& split, const StreamOptions& options) {
  const EnergyMixOptions& mix = options.mix;
  if (mix.noise_share == 0 && mix.room_share == 0) return 0;
  const FrameTransform frames(options.frames, 0, info.leading().width);
  const Index sample =
      frames.MostFrames(MostSplicedFrames(split, options)) * info.leading().width * kValueBytes;
  return (mix.uses_noise() ? info.noise.bytes() : 0) +
         (mix.uses_rooms() ? info.rooms.bytes() + sample : 0) + sample;
}

Index WarpBytes(const CorpusInfo& info, const StreamOptions& options) {
  if (options.warp.IsIdentity()) return 0;
  return FrequencyWarp::Bytes(info.leading().width, options.frames.bins);
}

// The word cuts of a window of so many samples, with their offsets: there are no more than the
// densest shard would have.
Index WordCutBytes(const CorpusInfo& info, const SplitInfo& split, Index window) {
  if (!info.has_cuts) return 0;
  Index densest = 0, all = 0;
  for (const ShardInfo& shard : split.shards) {
    densest = std::max(densest, (shard.cuts + shard.sequences - 1) / shard.sequences);
    all += shard.cuts;
  }
  const Index cuts = window == split.sequences ? all : window * densest;
  return cuts * static_cast<Index>(sizeof(WordCut)) +
         window * static_cast<Index>(sizeof(std::uint64_t));
}

// The longest record as it is read, and as it is changed on its way to the batch.
Index RecordBytes(const CorpusInfo& info, const SplitInfo& split, const StreamOptions& options) {
  Index read = 0, widened = 0;
  for (std::size_t f = 0; f < info.schema.fields.size(); ++f) {
    const Index longest = split.fields[f].longest;
    read += longest * RowBytes(info.schema.fields[f]);
    widened = std::max(widened, longest * info.schema.fields[f].width * kValueBytes);
  }
  if (!info.leading().is_real()) return read + widened;
  const FrameTransform frames(options.frames, 0, info.leading().width);
  const Index longest = MostSplicedFrames(split, options);
  const Index spliced = options.splice.IsIdentity() ? 0 : longest;
  if (options.splice.join > 0) widened += widened + kValueBytes;
  return read + widened +
         (frames.MostFrames(longest) + spliced) * info.leading().width * kValueBytes;
}

// The hashes of blocks that readers keep of `records` records, if they are read piece by piece, and
// the steps of all records, which the plan is made from.
Index CutBytes(const CorpusInfo& info, const SplitInfo& split, const PlanOptions& plan,
               Index records) {
  if (plan.cut_steps == 0) return 0;
  constexpr Index kEntryBytes = 128;  // of a map of vectors
  constexpr auto kWord = static_cast<Index>(sizeof(std::uint64_t));
  const Index steps = std::min(split.steps, records * split.longest);
  Index bytes = split.sequences * kWord;
  for (const Field& field : info.schema.fields) {
    const Index blocks = steps * RowBytes(field) / ShardReader::kBlockBytes + records;
    bytes += blocks * kWord + records * kEntryBytes;
  }
  return bytes;
}

// Offsets of steps and of each field with a length of its own, sample id, and checksums of the
// fields.
Index TableBytes(const CorpusInfo& info) {
  Index words = 2 + static_cast<Index>(info.schema.fields.size());
  for (const Field& field : info.schema.fields) words += HasOwnLength(field) ? 1 : 0;
  return (words + 1) * static_cast<Index>(sizeof(std::uint64_t));
}

// The plan of a window and its copy while it is sorted; or the plan of the window before, beside
// the frame of the shard, which holds its tables, and one table of it while they are read.
Index PlanBytes(const CorpusInfo& info, Index planned, Index largest_shard) {
  constexpr auto kSample = static_cast<Index>(sizeof(SampleRef));
  const Index frame =
      largest_shard * (TableBytes(info) + static_cast<Index>(sizeof(std::uint64_t)));
  return planned * kSample + std::max(planned * kSample, frame);
}

// What is held beside the samples of a window if sources have weights: the copies of all shards in
// the plan, in the table feed and while they are shuffled; the reads of a shard on two threads, and
// what it takes to draw them.
Index WeightBytes(const SplitInfo& split, const PlanOptions& plan, Index largest_shard) {
  const Index most = MostReads(plan.source_weights), shards = std::ssize(split.shards);
  if (plan.source_weights.empty()) return 0;
  constexpr Index kHolders = 3, kThreads = 2;
  const Index draw_bytes = split.joined_reads.empty() ? 0 : kExactDrawBytes;
  return kHolders * most * shards * static_cast<Index>(sizeof(EpochPlan::ShardCopy)) +
         kThreads * largest_shard * (static_cast<Index>(sizeof(std::uint16_t)) + draw_bytes);
}

}  // namespace

SlotBounds WholeBounds(const CorpusInfo& info, const SplitInfo& split,
                       const StreamOptions& options) {
  if (info.is_stream()) return SymbolSource::Bounds(info, split, options);
  const Index batch = MostInBatch(split, options.plan);
  const bool once = MostReads(options.plan.source_weights) == 1;
  const FrameTransform frames(options.frames, 0, info.leading().width);
  SlotBounds bounds;
  bounds.sequences = (batch + options.plan.slots - 1) / options.plan.slots;
  const bool joins = options.splice.join > 0;
  bounds.steps = frames.MostSteps(MostSplicedFrames(split, options));
  if (options.plan.cut_steps > 0) bounds.steps = std::min(bounds.steps, options.plan.cut_steps);
  bounds.rows = bounds.sequences * bounds.steps;
  // Each sample rounds up to whole steps.
  if (once && !joins)
    bounds.rows = std::min(bounds.rows, frames.MostSteps(split.steps) + split.sequences);
  if (once && options.frames.IsIdentity() && !joins)
    bounds.rows = std::min(bounds.rows, split.steps);
  for (std::size_t f = 0; f < info.schema.fields.size(); ++f)
    AddFieldBounds(info, split, f, once, joins, &bounds);
  return bounds;
}

SlotBounds BoundsOf(const CorpusInfo& info, const SplitInfo& split, const StreamOptions& options) {
  SlotBounds bounds = WholeBounds(info, split, options);
  if (options.part_steps == 0 || info.is_stream()) return bounds;
  bounds.steps = std::min(bounds.steps, options.part_steps);
  bounds.rows = std::min(bounds.rows, bounds.sequences * bounds.steps);
  // A part may hold the longest lists of its sequences, so the bounds of lists stay.
  for (std::size_t f = 0; f < bounds.field_rows.size(); ++f) {
    if (info.schema.fields[f].alignment == Alignment::kListInStep) continue;
    bounds.field_rows[f] = bounds.rows;
    bounds.longest[f] = bounds.steps;
  }
  return bounds;
}

Index StreamBytes(const CorpusInfo& info, const SplitInfo& split, const StreamOptions& options,
                  SlotRange range) {
  const SlotBounds bounds = BoundsOf(info, split, options);
  constexpr Index kBeingReadAndBeingUsed = 2;
  const Index batches = options.prefetch + kBeingReadAndBeingUsed;
  Index queue = batches * range.size() * SlotBytes(info, options, bounds);
  if (info.is_stream()) return queue + SymbolSource::Bytes(info, split, options, range);
  if (options.part_steps > 0) {
    queue += range.size() * SlotBytes(info, options, WholeBounds(info, split, options));
  }

  // Records and sequences of a window; they differ if records are cut.
  const Index cut_steps = options.plan.cut_steps;
  Index largest_shard = 0, most_pieces = 0;
  for (const ShardInfo& shard : split.shards) {
    largest_shard = std::max(largest_shard, shard.sequences);
    most_pieces = std::max(most_pieces, MostPieces(shard.sequences, shard.steps, cut_steps));
  }
  const Index window = std::min(split.sequences, options.plan.window_sequences - 1 + largest_shard);
  const Index sequences = MostPieces(split.sequences, split.steps, cut_steps);
  const Index largest_window = options.plan.window_sequences - 1 + most_pieces;
  const Index most = MostReads(options.plan.source_weights);
  const Index planned = sequences <= largest_window / most ? sequences * most : largest_window;
  const Index table_bytes = TableBytes(info);
  // Where ranks share what one of them reads: the one being read, the next one, and at rank 0 the
  // one after. A rank alone has every slot, and drops a window before it reads the next.
  const bool is_alone = range.size() == options.plan.slots;
  const Index windows = is_alone || sequences <= largest_window ? 1 : 3;
  constexpr Index kOpenShardBytes = Index{4} << 10;  // a handle; records go straight to the batch
  const Index open =
      std::min<Index>(SplitShards::kMostOpenShards, static_cast<Index>(split.shards.size()));
  return queue + RecordBytes(info, split, options) + window * windows * table_bytes +
         windows * WordCutBytes(info, split, window) + MixBytes(info, split, options) +
         WarpBytes(info, options) + PlanBytes(info, planned, largest_shard) +
         open * kOpenShardBytes + WeightBytes(split, options.plan, largest_shard) +
         CutBytes(info, split, options.plan, window);
}

}  // namespace lockstep
