// Made-up utterances for trying out a recogniser: digits and commands, spoken by the program
// espeak-ng in many voices, speeds and pitches, in noise. The splits have no voice in common.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/speech/manifests/manifest.h"
#include "data/speech/speech_options.h"

namespace lockstep {

// The names of the splits, "train" first, as manifests of --synthetic.
std::vector<SpeechSplit> SyntheticSplits();

// Utterances of split `number`: of options.synthetic in all, 80 % are in train, 10 % in valid, 10 %
// in test. A function of options.seed alone. `path` of an utterance holds voice, speed and pitch.
std::unique_ptr<ManifestReader> OpenSyntheticSpeech(const SpeechOptions& options, int number);

// Speaks the utterance into a new WAV file. IoError (missing input) naming the Debian package when
// espeak-ng is not there or fails.
void SpeakToFile(const Utterance& utterance, const std::string& wav);

// Seconds that the words will take, roughly.
double GuessSpokenSeconds(const Utterance& utterance);

}  // namespace lockstep
