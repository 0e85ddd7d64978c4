// The plan of a corpus of labelled texts, made before its first sample is written: rows, classes,
// splits, and tokens with their ids.
#pragma once

#include "data/corpus/shard_format.h"
#include "data/text/text_encoder.h"
#include "data/text/text_options.h"
#include "data/text/text_survey.h"

namespace lockstep {

struct TextPlan {
  TextSurvey survey;
  Vocabulary words;
  TextEncoder encoder;
  Index different_tokens = 0;  // in the training split; 0 if they were not counted
};

// Checks the options, reads the files once for the survey, and once more for the tokens of the
// training split unless the user gives a vocabulary or a model.
TextPlan PlanTexts(const TextCorpusOptions& options);

// Makes *options take over tokens, rules and classes of a corpus, which `folder` (of it, or of a
// run that was trained on it) holds. UsageError where it is of another kind.
void TakeOver(const CorpusInfo& corpus, const std::string& folder, TextCorpusOptions* options);

}  // namespace lockstep
