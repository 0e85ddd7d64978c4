// Recordings to transcribe, and what came of them, as bytes that go from rank to rank.
#pragma once

#include <string>

#include "base/error.h"
#include "data/speech/manifests/utterance.h"
#include "launch/tasks/speech/transcript_writer.h"

namespace lockstep {

// What predict needs of it: names, place, stretch of time and channel.
std::string ToBytes(const Utterance& utterance);
Utterance UtteranceFromBytes(const std::string& bytes);

// What came of a recording. A bad one is told, and does not cost the others.
struct RecordingResult {
  ExitCode code = ExitCode::kDone;
  std::string problem;
  Transcript transcript;
  std::string picture;
};

std::string ToBytes(const RecordingResult& result);
RecordingResult ResultFromBytes(const std::string& bytes);

}  // namespace lockstep
