// More training samples out of the recorded ones (--splices): crops and joins at the borders of
// words, so that a model learns words in places and neighbourhoods in which no one said them. If
// every training utterance begins with "yes", a model that has only seen those may learn that the
// first word is "yes", whatever is said.
//   crop  keeps a run of 1 to all but one of the words, with the frames and labels that belong to
//   it join  puts another utterance of the chunk, or a crop of it, after the utterance or its crop
// Everything is drawn by (seed, name of the copy), and depends on the chunk alone, not on ranks and
// threads. Features are spliced after normalisation, deltas included.
#pragma once

#include <vector>

#include "data/speech/speech_chunk.h"

namespace lockstep {

// Adds up to options.copies.splices copies, ID-splice1 and so on, to each good utterance of a
// chunk. A splice that is longer than --max-seconds, or has too few frames for its labels, is left
// out.
void AddSplices(const SpeechOptions& options, const Units& units,
                std::vector<LoadedUtterance>& loaded);

// UsageError if --splices cannot join transcripts of these units, because they have no label that
// stands between words.
void CheckSplices(const SpeechOptions& options, const Units& units);

}  // namespace lockstep
