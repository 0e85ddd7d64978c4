#include "base/utf8.h"

#include <wctype.h>

#include <clocale>

#include "base/error.h"

namespace lockstep {
namespace {

int LengthOf(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  if (first >= 0xF0 && first < 0xF5) return 4;
  return 0;
}

bool IsGood(std::string_view bytes) {
  for (const char c : bytes.substr(1)) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) return false;
  }
  const char32_t code = DecodeCodePoint(bytes);
  const bool overlong =
      (bytes.size() == 3 && code < 0x800) || (bytes.size() == 4 && code < 0x10000);
  return !overlong && !(code >= 0xD800 && code < 0xE000) && code < 0x110000;
}

// A fixed locale instead of the user's own, so that the same text gives the same units everywhere.
locale_t Locale() {
  static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}

}  // namespace

std::string_view FirstCodePoint(std::string_view text) {
  if (text.empty()) return {};
  const auto length = static_cast<std::size_t>(LengthOf(static_cast<unsigned char>(text.front())));
  const bool good = length > 0 && length <= text.size() && IsGood(text.substr(0, length));
  return good ? text.substr(0, length) : std::string_view();
}

std::string_view TakeCodePoint(std::string_view* text) {
  const std::string_view point = FirstCodePoint(*text);
  if (point.empty()) {
    throw BadData(
        "the text is no UTF-8: byte 0x{:02x}; convert its file, for example with `iconv -f "
        "ISO-8859-1 -t UTF-8 FILE > NEW`",
        static_cast<unsigned char>(text->front()));
  }
  text->remove_prefix(point.size());
  return point;
}

char32_t DecodeCodePoint(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  if (bytes.size() == 1) return first;
  char32_t code = first & (0x7Fu >> bytes.size());
  for (const char c : bytes.substr(1)) code = (code << 6) | (static_cast<unsigned char>(c) & 0x3Fu);
  return code;
}

std::string EncodeCodePoint(char32_t code) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xC0 | (code >> 6)), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xE0 | (code >> 12)), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | (code >> 18)), tail(12), tail(6), tail(0)};
}

char32_t ToLower(char32_t code) {
  return static_cast<char32_t>(::towlower_l(static_cast<wint_t>(code), Locale()));
}

char32_t ToUpper(char32_t code) {
  return static_cast<char32_t>(::towupper_l(static_cast<wint_t>(code), Locale()));
}

}  // namespace lockstep
