// Recognises the utterances of a split, on all threads of all ranks.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "launch/run/record_bytes.h"
#include "launch/run/trained_model.h"
#include "launch/tasks/speech/speech_decoder.h"
#include "worker/comm/communicator.h"
#include "worker/metrics/error_rate.h"

namespace lockstep {

struct RecognisedUtterance {
  std::uint64_t sample_id = 0;
  std::string reference;  // words with spaces between
  std::vector<CtcHypothesis> hypotheses;
  std::vector<float> logits;  // [steps, classes]; only where they were asked for
};

// What a split is read with.
struct SplitSource {
  std::string folder;
  const CorpusInfo* corpus = nullptr;
  std::string split;
  Index most = 0;  // the first utterances, about so many; 0: all
};

// Collective. On rank 0, calls `use` for every utterance of the split, in the order of the corpus.
// The first `most_logits` of them come with their logits. `verb` begins the lines of progress.
void RecogniseSplit(const Communicator& comm, const std::string& verb, const SplitSource& source,
                    const TrainedModel& trained, const SpeechDecoder& decoder, int threads,
                    Index most_logits, const std::function<void(const RecognisedUtterance&)>& use);

// Names the fields for launch/run/record_bytes.h.
template <typename Use>
void VisitFields(DecodedWord& word, const Use& use) {
  use(word.text);
  use(word.first_frame);
  use(word.last_frame);
  use(word.confidence);
}
template <typename Use>
void VisitFields(CtcHypothesis& one, const Use& use) {
  use(one.labels);
  use(one.words);
  use(one.acoustic);
  use(one.language);
  use(one.total);
}

// Word and character errors of a split.
struct SpeechErrors {
  ErrorRate words;
  ErrorRate characters;
};
// Collective. On rank 0 the errors of all utterances in the order of their ids; elsewhere nothing.
SpeechErrors CountSpeechErrors(const Communicator& comm, const SplitSource& source,
                               const TrainedModel& trained, const SpeechDecoder& decoder,
                               int threads);

}  // namespace lockstep
