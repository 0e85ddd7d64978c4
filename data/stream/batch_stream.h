// The batches of one rank, read ahead by a thread of its own. The position is one Cursor; a stream
// that starts at a cursor gives what a stream that came to it would give.
#pragma once

#include <memory>
#include <string>

#include "data/batch/batch.h"
#include "data/corpus/shard_format.h"
#include "data/stream/epoch_plan.h"
#include "data/stream/frame_transform.h"

namespace lockstep {

struct StreamOptions {
  PlanOptions plan;
  // Each sample is read forwards, or backwards with the complements of its ids, drawn by (seed,
  // epoch, sample id). Needs a corpus with complements.
  bool random_strand = false;
  FrameOptions frames;           // of a real-valued leading field
  bool labels_must_fit = false;  // refuses target lists that the steps of their sample cannot hold
  Index prefetch = 2;            // batches read ahead
  Index last_epoch = -1;         // stream ends after this epoch; -1: never
  // Sequences come in parts of so many steps, one after another, those of a batch before those of
  // the next one; 0: whole. Only where each step has a target.
  Index part_steps = 0;
};

// What a sample of the batches is made of: as the corpus says, but with the frames of a step side
// by side.
Schema BatchSchema(const CorpusInfo& info, const StreamOptions& options);

// Every sample of a split once, as it is: corpus order, the recorded strand, no augmentation.
StreamOptions EvaluationStream(const StreamOptions& training);

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

// Upper bounds over every batch of a split, for sizing memory before the first batch.
SlotBounds BoundsOf(const CorpusInfo& info, const SplitInfo& split, const StreamOptions& options);

// Bytes the stream holds at most (read-ahead batches, plan and tables of one window, open shards).
Index StreamBytes(const CorpusInfo& info, const SplitInfo& split, const StreamOptions& options,
                  SlotRange range);

}  // namespace lockstep
