// How large the batches of a split can be, and how much memory a stream of them takes: known from
// the corpus index, before the first batch is read.
#pragma once

#include "data/batch/batch.h"
#include "data/corpus/shard_format.h"
#include "data/stream/stream_options.h"

namespace lockstep {

// Upper bounds that hold for every batch of a split, for allocating memory before the first batch.
SlotBounds BoundsOf(const CorpusInfo& info, const SplitInfo& split, const StreamOptions& options);

// The same for batches of whole sequences, whether or not they come in parts.
SlotBounds WholeBounds(const CorpusInfo& info, const SplitInfo& split,
                       const StreamOptions& options);

// Upper bound of the bytes that a stream holds: batches read in advance, plan and tables of one
// window, open shards.
Index StreamBytes(const CorpusInfo& info, const SplitInfo& split, const StreamOptions& options,
                  SlotRange range);

}  // namespace lockstep
