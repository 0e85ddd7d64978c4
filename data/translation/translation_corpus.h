// Turns parallel text into a corpus for models that write: each sample is a source text and its
// translation, which has a length of its own.
//
//   field "inputs"   ids of the tokens of the source and its end, one row per step
//   field "targets"  ids of the tokens of the target and its end, with steps of their own
//
// Both are int32. Their vocabularies are "source" and "target", or one of the name "shared", and
// hold the symbol for ends (Vocabulary::end), which is what a decoder reads first, too. The unit of
// steps is "tokens", the name of a sample is the file and line of its source, CorpusInfo::task
// makes the PairEncoder that turns new texts into the same ids, and references.h keeps the target
// texts as they were. The corpus is a pure function of the files, their names and the options.
#pragma once

#include <array>

#include "data/corpus/corpus_writer.h"
#include "data/splits/known_samples.h"
#include "data/translation/translation_options.h"

namespace lockstep {

struct TranslationSummary {
  struct Side {
    Index tokens = 0;  // ends not counted
    Index unknown = 0;
    Index longest = 0;
  };
  struct Split {
    Index pairs = 0;
    Side source;
    Side target;
  };
  CorpusInfo info;
  std::array<Split, kDataSplits> splits;  // by DataSplit
  Index empty = 0;                        // pairs left out because a side has no token
  Index too_long = 0;                     // training pairs left out by max_tokens
  Index different_source = 0;             // different tokens; 0 where they were not counted
  Index different_target = 0;
  KnownSamples known;  // pairs of validation and test whose sources are in training
};

// Makes the corpus folder options.out. Reads the files two to four times, in constant memory except
// for the different tokens of the training split, and up to 2 million of its lines where pieces are
// trained. Nothing is published before all pairs have been checked. Throws the errors of
// PlanTranslation and CorpusWriter.
TranslationSummary PrepareTranslation(const TranslationOptions& options);

}  // namespace lockstep
