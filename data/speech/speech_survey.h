// The first look at all manifests of a corpus of speech: what is bad, how large each utterance is,
// and so which chunks there are.
#pragma once

#include "data/speech/manifests/problem_list.h"
#include "data/speech/speech_options.h"
#include "data/speech/speech_plan.h"

namespace lockstep {

// Reads all manifests and the headers of their files, once, on options.threads threads. Fills in
// chunks, bad utterances, source, width, hash of the manifests and, where units are gathered from
// transcripts, their names; splits and held-out speakers must be there. False when no utterance is
// good: the problems say why.
bool SurveyManifests(const SpeechOptions& options, ProblemList& problems, SpeechPlan& plan);

}  // namespace lockstep
