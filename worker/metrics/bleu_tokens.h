// Divides texts into tokens for BLEU, in the ways of sacreBLEU (Post 2018, arXiv:1804.08771), so
// that scores can be compared with published ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lockstep {

enum class BleuTokenizer {
  k13a,         // the rules of mteval-v13a.pl, for languages with letters of Latin; the default
  kIntl,        // the rules of mteval-v14.pl: signs are told by their Unicode category
  kZh,          // 13a, and each Chinese character is a token of its own
  kCharacters,  // each character but white space is a token
  kNone,        // tokens are what stands between white space
};
// "13a", "intl", "zh", "char", "none", as in sacreBLEU's signatures.
const char* BleuTokenizerName(BleuTokenizer tokenizer);
// UsageError that lists the names.
BleuTokenizer BleuTokenizerFromName(const std::string& name);

// The tokens of a text, which must be UTF-8 (BadData if it is not). `lower_case` changes the text
// to lower case first, as Python does: U+0130 becomes two code points, and a capital sigma at the
// end of a word the final one.
std::vector<std::string> BleuTokens(BleuTokenizer tokenizer, bool lower_case,
                                    std::string_view text);

// The code points of a text without white space, as chrF compares them.
std::u32string CharactersOf(std::string_view text, bool lower_case);

}  // namespace lockstep
