// Reads the entry `features` of corpus.json, which says how to compute the same features from a new
// recording.
#pragma once

#include "data/corpus/shard_format.h"
#include "data/speech/manifests/utterance.h"
#include "data/speech/speech_options.h"

namespace lockstep {

// The kind of source that the features of a corpus came from: kAudio, kArk or kMfc. UsageError if
// the corpus has no features of speech.
UtteranceKind FeatureSourceOf(const CorpusInfo& corpus);

// How they were computed. If they came from feature files, only deltas and normalisation are known.
SoundOptions SoundOptionsOf(const CorpusInfo& corpus);

// The statistics of the training split that FOLDER/corpus.json, of a corpus or a run, keeps.
// UsageError if it has none.
FeatureStatistics StatisticsIn(const std::string& folder);

// The seconds from one frame to the next.
double FrameSecondsOf(const CorpusInfo& corpus);

}  // namespace lockstep
