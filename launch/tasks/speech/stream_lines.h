// The lines in which `lockstep predict --stream` tells what it hears, each written at once.
//
//   text    partial <tab> 1.230 <tab> the ca           seconds of sound heard, words of the segment
//           final <tab> 2.460 <tab> the cat            the same, when the segment has ended
//   jsonl   {"kind": "partial", "time": 1.23, "text": "the ca"}
//           {"kind": "final", "time": 2.46, "start": 0.3, "end": 1.71, "text": "the cat",
//            "words": [{"word", "start", "end", "confidence"}]}
//
// Times are seconds of sound from its beginning; "time" is when the result was known.
#pragma once

#include <string>

#include "launch/tasks/speech/stream_segments.h"

namespace lockstep {

enum class StreamFormat { kText, kJsonl };

// UsageError that lists the formats.
StreamFormat ParseStreamFormat(const std::string& name);

// With its line feed. `time` in seconds; `step_seconds` from one step to the next.
std::string StreamLine(StreamFormat format, const StreamResult& result, double time,
                       double step_seconds);

}  // namespace lockstep
