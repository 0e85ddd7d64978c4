#include "data/tagging/word_shape.h"

#include <utf8proc.h>

#include "base/characters.h"
#include "base/types.h"
#include "base/utf8.h"

namespace lockstep {
namespace {

struct Signs {
  Index letters = 0;
  Index upper = 0;
  Index digits = 0;
  Index punctuation = 0;
  Index all = 0;
  bool first_is_upper = false;  // the first letter
};

bool IsUpper(char32_t code) {
  const auto number = static_cast<utf8proc_int32_t>(code);
  return utf8proc_tolower(number) != number;
}

Signs CountSigns(std::string_view word) {
  Signs signs;
  while (!word.empty()) {
    const char32_t code = DecodeCodePoint(TakeCodePoint(&word));
    ++signs.all;
    if (code >= '0' && code <= '9') {
      ++signs.digits;
    } else if (IsAlphanumeric(code)) {
      if (signs.letters++ == 0) signs.first_is_upper = IsUpper(code);
      signs.upper += IsUpper(code) ? 1 : 0;
    } else if (IsPunctuation(code)) {
      ++signs.punctuation;
    }
  }
  return signs;
}

}  // namespace

const std::vector<std::string>& WordShapeNames() {
  static const std::vector<std::string> kNames = {"lower",        "capitalised", "upper",
                                                  "mixed",        "digits",      "number",
                                                  "alphanumeric", "punctuation", "other"};
  return kNames;
}

WordShape ShapeOf(std::string_view word) {
  const Signs signs = CountSigns(word);
  if (signs.letters > 0 && signs.digits > 0) return WordShape::kAlphanumeric;
  if (signs.digits > 0) return signs.digits == signs.all ? WordShape::kDigits : WordShape::kNumber;
  if (signs.letters == 0)
    return signs.punctuation == signs.all ? WordShape::kPunctuation : WordShape::kOther;
  if (signs.upper == 0) return WordShape::kLower;
  if (signs.upper == 1 && signs.first_is_upper) return WordShape::kCapitalised;
  return signs.upper == signs.letters ? WordShape::kUpper : WordShape::kMixed;
}

}  // namespace lockstep
