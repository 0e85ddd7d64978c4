#include "base/characters.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include "base/utf8.h"

namespace lockstep {
namespace {

// The category of a code point. Valid for every value: beyond Unicode, utf8proc returns
// "unassigned".
utf8proc_category_t CategoryOf(char32_t code) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(code));
}

}  // namespace

bool IsWhiteSpace(char32_t code) {
  if (code < 0x80) return code == ' ' || (code >= 0x09 && code <= 0x0D);
  const utf8proc_category_t category = CategoryOf(code);
  return code == 0x85 || category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

bool IsInvisible(char32_t code) {
  if (code == '\t' || code == '\n' || code == '\r') return false;
  switch (CategoryOf(code)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    default:
      return false;
  }
}

bool IsControlOrFormat(char32_t code) {
  const utf8proc_category_t category = CategoryOf(code);
  return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF;
}

bool HasInvisible(std::string_view text, char32_t* first) {
  while (!text.empty()) {
    const char32_t code = DecodeCodePoint(TakeCodePoint(&text));
    if (!IsInvisible(code)) continue;
    *first = code;
    return true;
  }
  return false;
}

bool IsPunctuation(char32_t code) {
  const utf8proc_category_t category = CategoryOf(code);
  return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_SO;
}

bool IsSymbol(char32_t code) {
  const utf8proc_category_t category = CategoryOf(code);
  return category >= UTF8PROC_CATEGORY_SM && category <= UTF8PROC_CATEGORY_SO;
}

bool IsNumber(char32_t code) {
  const utf8proc_category_t category = CategoryOf(code);
  return category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO;
}

bool IsAlphanumeric(char32_t code) {
  const utf8proc_category_t category = CategoryOf(code);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

std::string CodePointName(char32_t code) {
  return fmt::format("U+{:04X}", static_cast<std::uint32_t>(code));
}

std::string Printable(std::string_view text, Index most) {
  std::string shown = "\"";
  for (Index points = 0; !text.empty(); ++points) {
    if (points == most) return shown + "...\"";
    const std::string_view point = FirstCodePoint(text);
    if (point.empty()) {
      shown += fmt::format("<0x{:02X}>", static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    const char32_t code = DecodeCodePoint(point);
    const bool shows = !IsInvisible(code) && code != '\t' && code != '\n' && code != '\r';
    shown += shows ? std::string(point) : "<" + CodePointName(code) + ">";
    text.remove_prefix(point.size());
  }
  return shown + "\"";
}

}  // namespace lockstep
