// A recording to transcribe and what came of it, as bytes that travel between ranks
// (launch/run/ordered_work.h).
#pragma once

#include <string>

#include "base/error.h"
#include "data/speech/manifests/utterance.h"
#include "launch/tasks/speech/transcript_writer.h"

namespace lockstep {

// What came of a recording. A bad one is told, and does not cost the others.
struct RecordingResult {
  ExitCode code = ExitCode::kDone;
  std::string problem;
  Transcript transcript;
  std::string picture;
};

// Only what a recording has, not what a matrix in an archive has.
std::string ToBytes(const Utterance& utterance);
Utterance UtteranceFromBytes(const std::string& bytes);

std::string ToBytes(const RecordingResult& result);
RecordingResult RecordingResultFromBytes(const std::string& bytes);

}  // namespace lockstep
