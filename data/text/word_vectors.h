// Reads vectors of words that another program has trained, in the forms that are in use; plain or
// gzip, found out from the first bytes:
//
//   word2vec text    a line "WORDS WIDTH", then lines "word v1 v2 ... vWIDTH"
//   GloVe text       such lines without the first one
//   word2vec binary  a line "WORDS WIDTH", then for each word its bytes, a blank, and WIDTH float32
//                    in the order of bytes of x86, with or without a line end
//
// Takes constant memory. No count of the file is trusted: widths, numbers of words and lengths are
// compared with what is there.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/types.h"

namespace lockstep {

struct WordVectorFile {
  const char* form = "";  // "word2vec text", "GloVe text", "word2vec binary"
  Index words = 0;
};

// Calls use(word, values) for each word of the file; both are valid during the call. The word is
// any bytes without line ends. UsageError if the vectors do not have `width` values; it says how
// many they have. BadData that names file and line (or word) for a vector with too few values, a
// value that is no finite number, a word of more than kLongestWord bytes, and a file that has more
// or fewer words than its first line says.
inline constexpr std::size_t kLongestVectorWord = 1024;
WordVectorFile ReadWordVectors(
    const std::string& path, Index width,
    const std::function<void(std::string_view word, std::span<const float> values)>& use);

}  // namespace lockstep
