// Options of `lockstep prepare` that all importers of labelled lines share: which files, how lines
// hold text and label, and how splits are drawn.
#pragma once

#include "data/text/text_corpus.h"
#include "launch/frame/options.h"

namespace lockstep {

std::span<const OptionRow> LabelledFileRows();
std::span<const OptionRow> LabelledFormatRows();
std::span<const OptionRow> LabelledRuleRows();

// What these tables and SplitDrawRows say. UsageError where a value is not allowed.
TextCorpusOptions LabelledOptionsOf(const Options& options);

// For --like, which LabelledRuleRows holds: takes over what the corpus or run has. UsageError where
// an option of `decided` is given, too, because the corpus or run decides it.
void TakeOverLike(const Options& options, std::initializer_list<std::span<const OptionRow>> decided,
                  TextCorpusOptions* text);

// Makes the corpus, and prints warnings and the summary.
void PrepareAndPrint(const TextCorpusOptions& options);

}  // namespace lockstep
