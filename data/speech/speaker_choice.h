// Which speakers of the training manifests become validation and test data.
#pragma once

#include <string>
#include <vector>

#include "data/speech/speech_options.h"

namespace lockstep {

// Sorted names of speakers; no name is in both.
struct ChosenSpeakers {
  std::vector<std::string> valid;
  std::vector<std::string> test;
};

// Chooses among the speakers that were found: those that the names and patterns of the options
// match, and for validation instead options.hold_out_speakers drawn ones that are not for the test.
// UsageError for a pattern that matches no speaker, a speaker of both splits, or if none is left
// for training.
ChosenSpeakers ChooseSpeakers(const SpeechOptions& options, const std::vector<std::string>& found);

}  // namespace lockstep
