// Recognises the utterances of a split, slot by slot as training computes them, so that the result
// does not depend on ranks and threads.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "launch/run/trained_model.h"
#include "launch/tasks/speech/speech_decoder.h"
#include "worker/comm/communicator.h"
#include "worker/metrics/error_rate.h"

namespace lockstep {

struct RecognisedUtterance {
  std::uint64_t sample_id = 0;
  std::string reference;  // words with spaces between
  std::vector<CtcHypothesis> hypotheses;
  std::span<const float> logits;  // [steps, classes]; valid during the call
};

// What a split is read with.
struct SplitSource {
  std::string folder;
  const CorpusInfo* corpus = nullptr;
  std::string split;
};

// Calls `use` for every utterance of the slots [range), batch after batch, within a batch by sample
// id.
void RecogniseSplit(const SplitSource& source, const TrainedModel& trained,
                    const SpeechDecoder& decoder, int threads, SlotRange range,
                    const std::function<void(const RecognisedUtterance&)>& use);

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
