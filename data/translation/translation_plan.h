// The tokens of a corpus of parallel text, chosen before its first pair is written.
#pragma once

#include "data/splits/known_samples.h"
#include "data/translation/pair_encoder.h"
#include "data/translation/pair_stream.h"

namespace lockstep {

struct TranslationPlan {
  PairEncoder encoder;
  // Different tokens of the training split, source and target (with one vocabulary: of both); 0
  // where they were not counted.
  Index different_source = 0;
  Index different_target = 0;
  PairCounts counts;   // of the pairs that were checked
  KnownSamples known;  // has the sources of validation and test
};

// Checks the options, reads all files once to check them, and the training split once more for each
// vocabulary unless the user gives a model. Errors are those of PairStream; UsageError if no token
// occurs often enough, or if SentencePiece cannot make so many pieces; BadData if the training
// split has no pair.
TranslationPlan PlanTranslation(const TranslationOptions& options);

}  // namespace lockstep
