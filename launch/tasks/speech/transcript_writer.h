// Recognised speech to the formats that its users' tools read.
//
//   text   s01-003 the cat sat                        an utterance a line, as Kaldi's `text`
//   trn    the cat sat (s01-003)                      for sclite and hubscr
//   ctm    s01-003 1 0.340 0.210 the 0.9731           a word a line: file, channel, start and
//                                                     duration in seconds, word, confidence
//   jsonl  {"id": "s01-003", "text": ..., "words": [{"word", "start", "end", "confidence"}],
//           "hypotheses": [{"text", "acoustic", "language", "total"}]}   a JSON object a line
//
// Utterances come in the order in which they are given; sclite wants CTM sorted by name and time.
// An utterance without words is a line of its id in text and trn, and no line in ctm.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "launch/output/text_output.h"
#include "worker/decode/ctc_beam.h"

namespace lockstep {

struct Transcript {
  std::string utterance;                  // id
  double start_seconds = 0;               // of frame 0 in the recording
  double frame_seconds = 0;               // from one frame of the posteriors to the next
  std::vector<CtcHypothesis> hypotheses;  // best first, at least one
};

enum class TranscriptFormat { kText, kTrn, kCtm, kJsonl };

// UsageError that lists the formats.
TranscriptFormat ParseTranscriptFormat(const std::string& name);

// The words with spaces between.
std::string HypothesisText(const CtcHypothesis& hypothesis);

// When a word lies in the recording.
struct WordTime {
  double start_seconds = 0;
  double end_seconds = 0;
};
WordTime TimeOf(const DecodedWord& word, const Transcript& transcript);

class TranscriptWriter {
 public:
  // Without a path: standard output. IoError (cannot create) when `path` exists.
  TranscriptWriter(const std::optional<std::string>& path, TranscriptFormat format);

  // Says why an id cannot be written so that tools read it back: it is empty, or holds spaces, or
  // parentheses in trn. Nothing if it can.
  std::optional<std::string> WhyNot(const std::string& id) const;
  // BadData for such an id.
  void Add(const Transcript& transcript);
  // Publishes the file. IoError when something could not be written.
  void Finish();

 private:
  void AddCtm(const Transcript& transcript);

  TextOutput output_;
  TranscriptFormat format_;
};

}  // namespace lockstep
