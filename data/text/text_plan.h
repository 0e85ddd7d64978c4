// What is known of a corpus of labelled texts before its first sample is written: rows, classes,
// splits, tokens with ids.
#pragma once

#include "data/text/text_encoder.h"
#include "data/text/text_options.h"
#include "data/text/text_survey.h"

namespace lockstep {

struct TextPlan {
  TextSurvey survey;
  Vocabulary words;
  TextEncoder encoder;
  Index different_tokens = 0;  // in the training split; 0 where they were not counted
};

// Reads the files once for the survey and, unless the user gives the vocabulary or the model, once
// more for the tokens of the training split. Checks the options first.
TextPlan PlanTexts(const TextCorpusOptions& options);

}  // namespace lockstep
