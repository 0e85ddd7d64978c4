// The batches of one rank, read ahead by a thread of its own. The position is one Cursor; a stream
// that starts at a cursor gives what a stream that came to it would give.
#pragma once

#include <memory>
#include <string>

#include "data/batch/batch.h"
#include "data/corpus/shard_format.h"
#include "data/stream/stream_bounds.h"
#include "data/stream/stream_options.h"

namespace lockstep {

class SplitShards;

class BatchStream {
 public:
  // Reads slots [range) of every global batch of the split, from `start` on. `info` must outlive
  // it, as must `shards`, which streams of a split can share one after another: what is open stays
  // open. Where these have a source, Next is collective.
  BatchStream(const std::string& folder, const CorpusInfo& info, const std::string& split,
              const StreamOptions& options, SlotRange range, Cursor start,
              SplitShards* shards = nullptr);
  ~BatchStream();

  // The next batch, or null at the end. Blocks until it is read; rethrows what the reader met
  // (BadData naming file, dataset and record when a checksum does not match). `used`: one of this
  // stream that is to be filled again; who gives back every batch makes nobody allocate.
  std::unique_ptr<RankBatch> Next(std::unique_ptr<RankBatch> used = nullptr);
  // Position of the batch that Next gives next.
  Cursor cursor() const;
  // Seconds that Next has blocked in all.
  double wait_seconds() const;

  Index StepsInEpoch(Index epoch) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lockstep
