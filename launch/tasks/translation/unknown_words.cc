#include "launch/tasks/translation/unknown_words.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {

void CheckReplacesUnknown(const PairEncoder& encoder) {
  for (const TextEncoder* const side : {&encoder.source(), &encoder.target()}) {
    const TokenKind kind = side->tokenizer().options().kind;
    if (kind == TokenKind::kWords) continue;
    throw UsageError(
        "--replace-unknown is for words, but a side of the corpus has {} as its tokens, of which "
        "hardly any is unknown: leave it out",
        TokenKindName(kind));
  }
}

std::vector<std::string> ReplaceUnknown(const PairEncoder& encoder, const Hypothesis& hypothesis,
                                        std::span<const std::string> words) {
  std::vector<std::string> tokens = encoder.TargetTokens(hypothesis.tokens);
  for (std::size_t i = 0; i < tokens.size() && !words.empty(); ++i) {
    if (hypothesis.tokens[i] != encoder.target().unknown()) continue;
    const std::vector<float>& weights = hypothesis.attention[i];
    LOCKSTEP_CHECK(weights.size() == words.size() + 1);  // the end is the last step of a source
    const auto largest = std::max_element(weights.begin(), weights.end() - 1);
    tokens[i] = words[static_cast<std::size_t>(largest - weights.begin())];
  }
  return tokens;
}

}  // namespace lockstep
