#include "launch/tasks/speech/recording_result.h"

#include "launch/run/record_bytes.h"
#include "launch/tasks/speech/speech_recognition.h"

namespace lockstep {

std::string ToBytes(const Utterance& utterance) {
  std::string bytes;
  for (const std::string* text : {&utterance.id, &utterance.path, &utterance.source,
                                  &utterance.problem, &utterance.transcript}) {
    PutList(*text, &bytes);
  }
  Put(utterance.begin_seconds, &bytes);
  Put(utterance.end_seconds, &bytes);
  Put(utterance.channel, &bytes);
  return bytes;
}

Utterance UtteranceFromBytes(const std::string& bytes) {
  Utterance utterance;
  BytesReader in(bytes);
  for (std::string* text : {&utterance.id, &utterance.path, &utterance.source, &utterance.problem,
                            &utterance.transcript}) {
    *text = in.TakeText();
  }
  utterance.begin_seconds = in.Take<double>();
  utterance.end_seconds = in.Take<double>();
  utterance.channel = in.Take<int>();
  return utterance;
}

std::string ToBytes(const RecordingResult& result) {
  std::string bytes;
  Put(result.code, &bytes);
  PutList(result.problem, &bytes);
  PutList(result.transcript.utterance, &bytes);
  Put(result.transcript.start_seconds, &bytes);
  Put(result.transcript.frame_seconds, &bytes);
  PutRecord(result.transcript.hypotheses, &bytes);
  PutList(result.picture, &bytes);
  return bytes;
}

RecordingResult RecordingResultFromBytes(const std::string& bytes) {
  RecordingResult result;
  BytesReader in(bytes);
  result.code = in.Take<ExitCode>();
  result.problem = in.TakeText();
  result.transcript.utterance = in.TakeText();
  result.transcript.start_seconds = in.Take<double>();
  result.transcript.frame_seconds = in.Take<double>();
  result.transcript.hypotheses = TakeRecord<std::vector<CtcHypothesis>>(&in);
  result.picture = in.TakeText();
  return result;
}

}  // namespace lockstep
