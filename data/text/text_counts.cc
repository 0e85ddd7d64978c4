#include "data/text/text_counts.h"

#include <nlohmann/json.hpp>

#include "base/json_number.h"
#include "base/json_text.h"

namespace lockstep {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

void TextCounter::Add(const TextPieces::Piece& piece, TextCounts* counts) {
  for (const char c : piece.text) {
    const bool blank = IsBlank(c);
    counts->words += !blank && !in_word_ ? 1 : 0;
    counts->characters += (c & 0xC0) != 0x80 ? 1 : 0;
    in_word_ = !blank;
  }
  const Index end = piece.has_end ? 1 : 0;
  counts->bytes += static_cast<Index>(piece.text.size()) + end;
  counts->characters += end;
  counts->lines += piece.ends_line ? 1 : 0;
  if (piece.ends_line) in_word_ = false;
}

nlohmann::json ToJson(const TextCounts& counts) {
  return {{"symbols", counts.symbols}, {"unknown", counts.unknown},       {"lines", counts.lines},
          {"words", counts.words},     {"characters", counts.characters}, {"bytes", counts.bytes}};
}

std::optional<TextCounts> CountsOfSplit(const std::string& provenance, const std::string& split) {
  const nlohmann::json json = ParseJsonOrDiscard(provenance);
  if (!json.is_object() || !json.contains("splits") || !json["splits"].is_object())
    return std::nullopt;
  const auto found = json["splits"].find(split);
  if (found == json["splits"].end() || !found->is_object()) return std::nullopt;
  const auto count = [&](const char* name) {
    const auto at = found->find(name);
    return at != found->end() && IsIndex(*at) ? at->get<Index>() : Index{0};
  };
  const TextCounts counts{count("symbols"), count("unknown"),    count("lines"),
                          count("words"),   count("characters"), count("bytes")};
  // Counts that no text has would make figures that are none.
  const bool is_text = counts.words >= 0 && counts.lines >= 0 && counts.words + counts.lines > 0 &&
                       counts.characters > 0 && counts.bytes > 0;
  return is_text ? std::optional(counts) : std::nullopt;
}

}  // namespace lockstep
