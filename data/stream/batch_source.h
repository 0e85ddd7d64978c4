// Where the batches of a stream come from: what BatchStream reads in advance, one after another.
// The thread that reads calls all functions, except where something else is said.
#pragma once

#include <memory>

#include "data/batch/batch.h"

namespace lockstep {

class BatchSource {
 public:
  virtual ~BatchSource() = default;

  // A batch with enough memory for each batch of the source, so that Read need not allocate.
  virtual std::unique_ptr<RankBatch> EmptyBatch() = 0;
  // Sets `batch`, which EmptyBatch has made, to the batch at this position, and returns the
  // position of the next one. UsageError for a part that the sequences of the batch do not have.
  virtual Cursor Read(const Cursor& cursor, RankBatch* batch) = 0;

  // The number of global batches in an epoch; their parts are not counted. Any thread.
  virtual Index StepsInEpoch(Index epoch) const = 0;
  // The same position, or the beginning of the next epoch that has a batch. Any thread.
  virtual Cursor Normalised(Cursor cursor) const = 0;

  // Main thread. Collective where ranks share what one of them reads. Must be called before the
  // batch at this position is waited for, with positions in ascending order; the first one may be
  // any.
  virtual void Advance(const Cursor& /*cursor*/) {}
  // Main thread. Ends all waiting of the reading thread, whose Read then throws.
  virtual void End() {}
};

}  // namespace lockstep
