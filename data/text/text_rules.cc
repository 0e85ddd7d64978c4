#include "data/text/text_rules.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "base/error.h"
#include "base/utf8.h"
#include "data/text/plain_punctuation.h"

namespace lockstep {
namespace {

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

std::string Lower(std::string_view text) {
  std::string lower;
  while (!text.empty()) {
    const auto code = static_cast<utf8proc_int32_t>(DecodeCodePoint(TakeCodePoint(&text)));
    lower += EncodeCodePoint(static_cast<char32_t>(utf8proc_tolower(code)));
  }
  return lower;
}

std::string Compose(std::string_view text) {
  utf8proc_uint8_t* result = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &result,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(result, &std::free);
  if (size < 0) throw BadData("cannot normalise the text to NFC: {}", utf8proc_errmsg(size));
  return {reinterpret_cast<const char*>(result), static_cast<std::size_t>(size)};
}

}  // namespace

std::string ApplyRules(const TextRules& rules, std::string_view text, bool* composed) {
  std::string result = rules.plain_punctuation ? PlainPunctuation(text) : std::string(text);
  if (rules.lower_case) result = Lower(result);
  if (composed != nullptr) *composed = false;
  if (!rules.compose || IsAscii(result)) return result;
  std::string nfc = Compose(result);
  if (composed != nullptr) *composed = nfc != result;
  return nfc;
}

}  // namespace lockstep
