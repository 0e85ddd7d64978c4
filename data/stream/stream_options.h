// What a stream of batches is made with, and what that makes of the samples of a corpus.
#pragma once

#include "data/batch/schema.h"
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

}  // namespace lockstep
