// Synthetic utterances for trying out a recogniser: digits and commands, spoken by the program
// espeak-ng with many voices, speeds and pitches, with added noise. The splits have no voices in
// common.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/speech/manifests/manifest.h"
#include "data/speech/speech_options.h"

namespace lockstep {

// The splits of a synthetic corpus, "train" first, in the form of options with manifests.
std::vector<SpeechSplit> SyntheticSplits();

// The utterances of split `number`. Of options.synthetic utterances, 80 % are in "train", 10 % in
// "valid" and 10 % in "test". They are a function of options.seed only. Utterance::path holds
// voice, speed and pitch.
std::unique_ptr<ManifestReader> OpenSyntheticSpeech(const SpeechOptions& options, int number);

// Writes the spoken utterance to a new WAV file. IoError (kMissingInput) that names the Debian
// package if espeak-ng is not installed or fails.
void SpeakToFile(const Utterance& utterance, const std::string& wav);

// A rough estimate of the seconds that the utterance will take.
double GuessSpokenSeconds(const Utterance& utterance);

}  // namespace lockstep
