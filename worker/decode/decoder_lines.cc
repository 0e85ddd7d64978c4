#include "worker/decode/decoder_lines.h"

#include <algorithm>
#include <utility>

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
  if (!lines_.Next(line)) {
    Tell();
    return false;
  }
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
  const TranscriptChanges changes = std::exchange(changes_, {});
  for (const std::string& warning : changes.Warnings()) {
    LogSharedWarning("{}: {}", path(), warning);
  }
  if (changes.composed == 0) return;
  LogInfo(
      "{}: {} lines have letters and accents as separate signs: they are composed (Unicode NFC)",
      path(), changes.composed);
}

}  // namespace lockstep
