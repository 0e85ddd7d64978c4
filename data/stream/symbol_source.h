// Batches of a corpus that is one endless stream of symbols (CorpusInfo::is_stream), such as a
// text whose next word is to be predicted.
//
// The N symbols of a split, the blocks of its samples one after another, are cut into B pieces of
// nearly equal length, the streams, which are read side by side. All of them together are the one
// global batch of an epoch; it comes in parts of `part_steps` steps, each of which goes on where
// the part before has ended (Cursor::part). With B = 2, N = 7 and parts of 3 steps:
//
//   symbols    a b c d e f g
//   stream 0   inputs $ a b | c     targets a b c | d
//   stream 1   inputs d e f |       targets e f g |
//
// The input of a step is the symbol before its target, also where a stream begins ($ is
// Vocabulary::start): so each symbol of the split is a target exactly once per epoch. The first
// N mod B streams have one step more than the others. Slot s computes the streams that DealSlots
// gives it, so a stream stays in its slot and in its place, and its state can be carried.
//
// Memory is one block per stream of this rank; nothing grows with the split. A rank reads only the
// blocks of its own streams, each once per epoch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/corpus/shard_reader.h"
#include "data/stream/batch_source.h"
#include "data/stream/stream_options.h"

namespace lockstep {

class SymbolSource : public BatchSource {
 public:
  // Reads the slots in `range`. All must outlive it. The options must be those that CheckStream
  // lets pass.
  SymbolSource(std::string folder, const CorpusInfo& info, const SplitInfo& split,
               const StreamOptions& options, SlotRange range);

  std::unique_ptr<RankBatch> EmptyBatch() override;
  // BadData that names file and record of a block that is damaged.
  Cursor Read(const Cursor& cursor, RankBatch* batch) override;
  Index StepsInEpoch(Index /*epoch*/) const override { return 1; }
  Cursor Normalised(Cursor cursor) const override;

  // The parts of an epoch, which are the steps of training: those of the longest stream.
  static Index Parts(const SplitInfo& split, const StreamOptions& options);
  // Bounds of the slots of a part.
  static SlotBounds Bounds(const CorpusInfo& info, const SplitInfo& split,
                           const StreamOptions& options);
  // Upper bound of the bytes that a source holds, without batches.
  static Index Bytes(const CorpusInfo& info, const SplitInfo& split, const StreamOptions& options,
                     SlotRange range);

 private:
  // One of the B streams, and the block of symbols that it was read from last.
  struct Stream {
    Index begin = 0;  // index of its first symbol in the split
    Index count = 0;  // its symbols
    Index shard = -1;
    std::unique_ptr<ShardReader> reader;  // of that shard; the file is closed between two reads
    Index shard_begin = 0;                // index of the shard's first symbol in the split
    Index block_begin = 0;                // the same of the block
    std::uint64_t sample_id = 0;          // of the block
    std::vector<std::int32_t> block;
  };
  Stream MakeStream(Index number) const;
  SlotRange StreamsOfSlot(Index slot) const;
  void ReadSlot(Index slot, Index first, SlotBatch* batch);
  std::int32_t SymbolAt(Stream* stream, Index symbol);
  void OpenShard(Index symbol, Stream* stream);
  void ReadBlock(Index symbol, Stream* stream);

  const std::string folder_;
  const CorpusInfo& info_;
  const SplitInfo& split_;
  const SlotRange range_;
  const Index slots_, part_steps_, streams_count_, parts_;
  const SlotBounds bounds_;
  const std::int32_t start_;         // what stands before the first symbol
  std::vector<Index> shard_begins_;  // index in the split of the first symbol of each shard
  std::vector<Stream> streams_;      // those of this rank's slots
  RecordBuffers buffers_;            // what a block is read into
  std::vector<Index> lengths_;       // scratch: of the streams of a slot in a part
};

}  // namespace lockstep
