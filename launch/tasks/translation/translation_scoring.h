// What `lockstep evaluate` says of a model that translates: perplexity per token, and BLEU and chrF
// of its translations against the target texts as they were before any rule.
#pragma once

#include <memory>

#include "launch/frame/options.h"
#include "launch/run/scoring.h"

namespace lockstep {

// --bleu-tokenizer, --ignore-case, --translations, and those of the search.
std::span<const OptionRow> TranslationScoringRows();

std::unique_ptr<Scoring> MakeTranslationScoring(const Options& options, const CorpusInfo& corpus);

}  // namespace lockstep
