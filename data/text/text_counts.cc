#include "data/text/text_counts.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/characters.h"
#include "base/json_number.h"
#include "base/json_text.h"
#include "base/utf8.h"

namespace lockstep {
namespace {

// Takes the first code point off the text, or a byte that begins none. Says whether it is a blank.
bool TakeBlank(std::string_view* text) {
  const auto byte = static_cast<unsigned char>(text->front());
  const std::string_view point = byte < 0x80 ? text->substr(0, 1) : FirstCodePoint(*text);
  text->remove_prefix(std::max<std::size_t>(point.size(), 1));
  if (point.empty()) return false;
  return IsWhiteSpace(byte < 0x80 ? byte : DecodeCodePoint(point));
}

}  // namespace

void TextCounter::Add(const TextPieces::Piece& piece, TextCounts* counts) {
  for (std::string_view rest = piece.text; !rest.empty();) {
    const bool blank = TakeBlank(&rest);
    counts->words += !blank && !in_word_ ? 1 : 0;
    in_word_ = !blank;
  }
  counts->characters +=
      std::ranges::count_if(piece.text, [](char c) { return (c & 0xC0) != 0x80; });
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
