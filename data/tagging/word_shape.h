// The shape of a word: what its letters' case, digits and signs say of it, whatever the word is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep {

enum class WordShape : std::uint8_t {
  kLower,         // letters, none of them upper case: "cell", "e-mail"
  kCapitalised,   // the first letter alone is upper case: "Paris", "I"
  kUpper,         // all of several letters are: "DNA", "U.S."
  kMixed,         // others are: "iPhone", "McDonald"
  kDigits,        // digits alone: "1984"
  kNumber,        // digits and signs: "3.14", "10-12"
  kAlphanumeric,  // letters and digits: "BRCA1"
  kPunctuation,   // signs alone
  kOther,         // anything else
};

// The names of all shapes, in the order of their values.
const std::vector<std::string>& WordShapeNames();
// `word` must be UTF-8.
WordShape ShapeOf(std::string_view word);

}  // namespace lockstep
