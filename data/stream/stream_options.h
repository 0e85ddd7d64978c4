// What a stream of batches is made with, and what that makes of the samples of a corpus.
#pragma once

#include <string>

#include "data/batch/schema.h"
#include "data/corpus/shard_format.h"
#include "data/stream/epoch_plan.h"
#include "data/stream/frame_transform.h"

namespace lockstep {

struct StreamOptions {
  PlanOptions plan;
  // True: each sample is read either forwards, or backwards with the complements of its ids; which
  // one is a function of (seed, epoch, sample id). Needs a corpus with complements.
  bool random_strand = false;
  FrameOptions frames;           // for a real-valued leading field
  bool labels_must_fit = false;  // refuses samples whose list of labels does not fit into the steps
  Index prefetch = 2;            // number of batches read in advance
  Index last_epoch = -1;         // the stream ends after this epoch; -1: never
  // Sequences are divided into parts of this many steps; all parts of a batch come one after
  // another, before the next batch. 0: sequences are not divided. Only if each step has a target.
  Index part_steps = 0;
};

// The schema of the batches: that of the corpus, but with a leading field that is wider if the
// frames of a step are stacked.
Schema BatchSchema(const CorpusInfo& info, const StreamOptions& options);

// UsageError if samples are to be cut (PlanOptions::cut_steps) that cannot be: if something in the
// corpus belongs to whole sequences or to their ends, if frames are changed, if a sample would have
// too many pieces, or if no sample that training draws borders for is long enough for one.
void CheckCuts(const std::string& folder, const CorpusInfo& info, const SplitInfo& split,
               const StreamOptions& options);

// The options for reading every sample of a split once and unchanged: in the order of the corpus,
// on the recorded strand, without augmentation and without weights of sources. Samples that
// training cuts are cut here, too, because batches of whole ones could need much more memory; but
// always at the same borders.
StreamOptions EvaluationStream(const StreamOptions& training);

}  // namespace lockstep
