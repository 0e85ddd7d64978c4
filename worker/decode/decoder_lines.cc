#include "worker/decode/decoder_lines.h"

#include <algorithm>

#include "base/log.h"

namespace lockstep {
namespace {

// Lines that no rule changes in a way that matters here; most are.
bool IsPlain(std::string_view line) {
  return std::all_of(line.begin(), line.end(),
                     [](char c) { return (c >= 0x20 && c < 0x7F) || c == '\t'; });
}

}  // namespace

bool DecoderLines::Next(std::string_view* line) {
  if (!lines_.Next(line)) return false;
  if (IsPlain(*line)) return true;
  const bool is_first = changes_.dropped.empty();
  ruled_ = NormaliseTranscript(*line, LetterCase::kAsWritten, &changes_);
  if (is_first && !changes_.dropped.empty()) {
    changes_.first_dropped = fmt::format("{}:{}", path(), line_number());
  }
  *line = ruled_;
  return true;
}

void DecoderLines::Tell() {
  for (const std::string& warning : changes_.Warnings()) {
    LogSharedWarning("{}: {}", path(), warning);
  }
  if (changes_.composed == 0) return;
  LogInfo(
      "{}: {} lines have letters and accents as separate signs: they are composed (Unicode NFC)",
      path(), changes_.composed);
}

}  // namespace lockstep
