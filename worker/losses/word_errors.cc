#include "worker/losses/word_errors.h"

namespace lockstep {

ErrorCounts WordErrors::Count(std::span<const std::int32_t> labels,
                              std::span<const std::int32_t> read) const {
  return CountErrors(AlignTokens(WordsOf(labels), WordsOf(read)));
}

Tokens WordErrors::WordsOf(std::span<const std::int32_t> labels) const {
  std::string text;
  for (std::int32_t label : labels) text += texts_[static_cast<std::size_t>(label)];
  return SplitWords(text);
}

}  // namespace lockstep
