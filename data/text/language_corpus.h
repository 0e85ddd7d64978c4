// Turns texts into a corpus for language models: one stream of symbols, each of which is to be
// predicted from all before it.
//
//   field "inputs"   ids of symbols (uint8 up to 256 ids, else int32), one row per step; targets
//                    are the symbols themselves, and are not stored (Schema::HasDerivedTarget)
//
// A sample is a block of 16,384 consecutive symbols, the last one of a split has the rest; the
// blocks of a split one after another are its text. CorpusInfo::task makes the SymbolEncoder that
// turns new texts into the same ids. The corpus is a pure function of the files, their names and
// the options.
#pragma once

#include <array>

#include "data/corpus/corpus_writer.h"
#include "data/text/language_options.h"
#include "data/text/text_counts.h"

namespace lockstep {

struct LanguageSummary {
  CorpusInfo info;
  std::array<TextCounts, kDataSplits> splits;  // by DataSplit
  Index symbols = 0;                           // ids of the vocabulary
  Index different_tokens = 0;                  // in the training text; 0 if they were not counted
};

// Makes the corpus folder options.out. Reads the files of training up to twice and the others once,
// in constant memory except for the different tokens of the training text. Nothing is published
// before everything has been read. Throws the errors of CheckLanguageOptions, TextPieces and
// CorpusWriter; BadData for a split whose files have no text.
LanguageSummary PrepareLanguage(const LanguageOptions& options);

}  // namespace lockstep
