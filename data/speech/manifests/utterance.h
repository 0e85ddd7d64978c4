// One utterance as a manifest describes it: where its sound or its features are, who speaks, and
// what is said. Its files have not been opened.
#pragma once

#include <string>
#include <string_view>

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
  static constexpr int kNoChannel = -1;      // not named: the recording must have one
  static constexpr int kMixedChannels = -2;  // the mean of all channels

  std::string id;  // unique within a corpus
  UtteranceKind kind = UtteranceKind::kAudio;
  std::string path;  // resolved: ready to be opened
  // The part of a recording. It may end a little after the recording, because manifests round
  // times.
  double begin_seconds = 0;
  double end_seconds = kToTheEnd;
  int channel = kNoChannel;  // number of the channel from 0, kMixedChannels or kNoChannel
  // For a matrix in an archive: the offset of its bytes, and the rows and columns that are used.
  Index ark_offset = 0;
  SliceRange rows;
  SliceRange columns;
  std::string speaker;     // empty when the manifest does not say
  std::string transcript;  // UTF-8, as written
  std::string source;      // "train.jsonl:12", for messages
  // If not empty, the line of the manifest cannot be used, and this says why. Other members may
  // then be unset.
  std::string problem;
};

// Reads a channel as manifests and options name it: "0" to "1023", or "mix". False for other texts.
bool ParseChannel(std::string_view text, int* channel);

}  // namespace lockstep
