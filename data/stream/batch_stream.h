// The stream of batches of one rank, which are read in advance by a background thread. Its position
// is one Cursor: a stream that starts at a cursor gives the same batches as one that has reached
// it.
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
  // Reads the slots in `range` of every global batch of the split, beginning at `start`. `info`
  // must outlive it. `shards`, if given, must outlive it, too; several streams of the split may use
  // it one after another, so that files stay open. If `shards` has a source, Next is collective,
  // and so is this if samples are cut.
  BatchStream(const std::string& folder, const CorpusInfo& info, const std::string& split,
              const StreamOptions& options, SlotRange range, Cursor start,
              SplitShards* shards = nullptr);
  ~BatchStream();

  // Returns the next batch, or null at the end. Waits until it is read; rethrows an error of the
  // reader (for example BadData that names file, dataset and record if a checksum does not match).
  // `used` may be an earlier batch of this stream, which is then filled again; if every batch is
  // given back, nothing is allocated.
  std::unique_ptr<RankBatch> Next(std::unique_ptr<RankBatch> used = nullptr);
  // The position of the batch that Next will return next.
  Cursor cursor() const;
  // Seconds for which Next has waited so far.
  double wait_seconds() const;

  Index StepsInEpoch(Index epoch) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lockstep
