// Turns labelled texts into a corpus for classification. Each sample has one sequence of token ids
// and one class.
//
//   field "inputs"   ids of tokens (uint8 up to 255 ids, else int32), one row per step, vocabulary
//                    "words"
//   field "targets"  the class, one row per sequence, vocabulary "classes"
//
// The unit of steps is "tokens", the name of a sample is its file and line, and CorpusInfo::task
// makes the TextEncoder that turns new texts into the same ids. The corpus is a pure function of
// the files, their names and the options.
#pragma once

#include "data/corpus/corpus_writer.h"
#include "data/text/text_options.h"
#include "data/text/text_summary.h"

namespace lockstep {

struct TextCorpusSummary {
  CorpusInfo info;
  TextSummary texts;
};

// Makes the corpus folder options.out. Reads the files two to four times. Takes constant memory,
// except for 32 bytes per row and the different tokens of the training split. Nothing is published
// before all rows have been checked. Throws the errors of CheckTextOptions, SurveyTexts and
// CorpusWriter.
TextCorpusSummary PrepareLabelledText(const TextCorpusOptions& options);

}  // namespace lockstep
