// Times of words, read from a CTM file or found by pauses; and where words therefore begin in
// frames and labels, which splices (data/speech/splices.h) and the cuts of a corpus need.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/types.h"
#include "data/corpus/word_cuts.h"
#include "data/speech/features/feature_matrix.h"
#include "data/speech/features/feature_options.h"
#include "data/text/units.h"

namespace lockstep {

struct SpokenWord {
  std::string text;
  double begin_seconds = 0;  // from the beginning of the utterance, at speed 1
  double end_seconds = 0;
};

// The words of a CTM file by utterance, each in the order of time. A line is "UTTERANCE CHANNEL
// START DURATION WORD [CONFIDENCE]"; a line that begins with ;; is a comment. <eps>, sil and SIL
// are silence. BadData that names file and line for times that are not finite or negative, for
// missing columns, and for words of an utterance that overlap.
using WordTimes = std::map<std::string, std::vector<SpokenWord>>;
WordTimes ReadCtm(const std::string& path);

// The index of the first label of each word.
std::vector<Index> FirstLabels(const Units& units, std::span<const std::int32_t> labels);

// The first frame and the first label of a word.
struct WordStart {
  Index frame = 0;
  Index label = 0;
  Index slack = 0;  // frames before and after `frame` in which no word is spoken
  bool operator==(const WordStart&) const = default;
};

// A word begins in the middle between the end of the word before it and its own begin; the first
// one begins with the utterance. Empty if two words begin in the same frame. BadData if the words
// are not those of the transcript, whose labels begin words at `first_labels`.
std::vector<WordStart> WordsByTimes(std::span<const SpokenWord> words,
                                    const std::string& transcript,
                                    std::span<const Index> first_labels, Index frames,
                                    const FeatureOptions& options, double speed);

// The same without times: `features` (before normalisation, the first `bins` columns) are cut in
// the middles of the longest pauses. Empty if there are not enough pauses of 50 ms between the
// first and the last word. For words with silence between them, such as lists of digits.
std::vector<WordStart> WordsByPauses(const FeatureMatrix& features, Index bins,
                                     std::span<const Index> first_labels);

// The cuts of a sample (data/corpus/word_cuts.h) whose words begin at `words`; if these are empty,
// because they are not known, the sample is as one word.
std::vector<WordCut> WordCutsOf(std::span<const WordStart> words,
                                std::span<const std::int32_t> labels, Index frames);

}  // namespace lockstep
