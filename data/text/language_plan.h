// The symbols of a text for language models, chosen before the first sample is written: which
// tokens have an id.
#pragma once

#include "data/text/language_options.h"

namespace lockstep {

struct LanguagePlan {
  SymbolEncoder encoder;
  Index different_tokens = 0;  // in the training text; 0 if they were not counted
};

// Reads the training files once, unless a vocabulary, a model or another corpus is given, or
// symbols are bytes. Takes memory for the different tokens only. Throws the errors of TextPieces;
// BadData if the training text has no token.
LanguagePlan PlanLanguage(const LanguageOptions& options);

}  // namespace lockstep
