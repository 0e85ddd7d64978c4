// What a stream of batches is made with, and what that makes of the samples of a corpus.
#pragma once

#include <string>

#include "data/batch/schema.h"
#include "data/corpus/shard_format.h"
#include "data/stream/energy_mix.h"
#include "data/stream/epoch_plan.h"
#include "data/stream/frame_transform.h"
#include "data/stream/splice.h"

namespace lockstep {

struct StreamOptions {
  PlanOptions plan;
  // True: each sample is read either forwards, or backwards with the complements of its ids; which
  // one is a function of (seed, epoch, sample id). Needs a corpus with complements.
  bool random_strand = false;
  FrameOptions frames;             // for a real-valued leading field
  SpliceOptions splice = {};       // for training on frames with lists of labels
  EnergyMixOptions mix = {};       // for training on log-mel features
  FrequencyWarpOptions warp = {};  // for training on log-mel features and cepstra
  bool labels_must_fit = false;  // refuses samples whose list of labels does not fit into the steps
  Index prefetch = 2;            // number of batches read in advance
  Index last_epoch = -1;         // the stream ends after this epoch; -1: never
  // Sequences are divided into parts of this many steps; all parts of a batch come one after
  // another, before the next batch. 0: sequences are not divided. Only if each step has a target.
  Index part_steps = 0;
  // How many pieces of nearly equal length the symbols of a split are cut into, which are read side
  // by side, if the corpus is one stream of symbols (CorpusInfo::is_stream; see symbol_source.h);
  // 0: plan.batch_sequences. All other corpora ignore it.
  Index streams = 0;
  // The same for EvaluationStream, but never more than for training, so that a validation takes no
  // more memory. A function of the configuration, not of the ranks.
  Index validation_streams = 16;
};

// The schema of the batches: that of the corpus, but with a leading field that is wider if the
// frames of a step are stacked, and with the targets of a stream of symbols.
Schema BatchSchema(const CorpusInfo& info, const StreamOptions& options);

// The number of streams that the symbols of a split are cut into: at least one symbol each.
Index StreamsOf(const SplitInfo& split, const StreamOptions& options);

// UsageError if a corpus that is one stream of symbols cannot be read with these options: if
// part_steps is 0, if the split is too short, or if an option is for samples of their own.
void CheckStream(const std::string& folder, const CorpusInfo& info, const SplitInfo& split,
                 const StreamOptions& options);

// UsageError if samples are to be cut (PlanOptions::cut_steps) that cannot be: if something in the
// corpus belongs to whole sequences or to their ends, if frames are changed, if a sample would have
// too many pieces, or if no sample that training draws borders for is long enough for one.
void CheckCuts(const std::string& folder, const CorpusInfo& info, const SplitInfo& split,
               const StreamOptions& options);

// The options for reading every sample of a split once and unchanged: in the order of the corpus,
// on the recorded strand, without augmentation and without weights of sources. Samples that
// training cuts are cut here, too, because batches of whole ones could need much more memory; but
// always at the same borders. A stream of symbols is cut into validation_streams.
StreamOptions EvaluationStream(const StreamOptions& training);

}  // namespace lockstep
