// One utterance as a manifest names it: where its sound or its features are, who speaks, and what
// is said. Nothing has been opened yet.
#pragma once

#include <string>

#include "base/types.h"

namespace lockstep {

enum class UtteranceKind {
  kAudio,   // a recording, or a stretch of one
  kArk,     // a feature matrix in a Kaldi archive
  kMfc,     // a feature file of CMU Sphinx
  kSpoken,  // to be spoken by a speech synthesiser; see synthetic_speech.h
};

// Rows or columns [begin, end); end -1 means all that there are.
struct SliceRange {
  Index begin = 0;
  Index end = -1;
  bool operator==(const SliceRange&) const = default;
};

struct Utterance {
  static constexpr double kToTheEnd = -1;

  std::string id;  // unique within a corpus
  UtteranceKind kind = UtteranceKind::kAudio;
  std::string path;  // resolved: ready to be opened
  // Of a recording. A stretch may end a little behind the recording, because manifests round.
  double begin_seconds = 0;
  double end_seconds = kToTheEnd;
  int channel = -1;  // from 0; -1: not named
  // Of a matrix in an archive: where its bytes begin, and what is taken of it.
  Index ark_offset = 0;
  SliceRange rows;
  SliceRange columns;
  std::string speaker;     // empty when the manifest does not say
  std::string transcript;  // UTF-8, as written
  std::string source;      // "train.jsonl:12", for messages
  // Not empty: the manifest's line cannot be used, and this says why. The rest may be missing then.
  std::string problem;
};

}  // namespace lockstep
