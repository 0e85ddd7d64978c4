// What `features` in corpus.json says: how to compute the same from a new recording.
#pragma once

#include "data/corpus/shard_format.h"
#include "data/speech/manifests/utterance.h"
#include "data/speech/speech_options.h"

namespace lockstep {

// Where the features of a corpus came from: kAudio, kArk or kMfc. UsageError when the corpus has no
// features of speech.
UtteranceKind FeatureSourceOf(const CorpusInfo& corpus);

// How they were computed; of feature files only deltas and normalisation.
SoundOptions SoundOptionsOf(const CorpusInfo& corpus);

// From one frame to the next.
double FrameSecondsOf(const CorpusInfo& corpus);

}  // namespace lockstep
