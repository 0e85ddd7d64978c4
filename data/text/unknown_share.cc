#include "data/text/unknown_share.h"

#include <fmt/format.h>

namespace lockstep {

std::string UnknownShareWarning(const std::string& split, Index unknown, Index tokens,
                                bool is_counted) {
  if (unknown == 0 || 2 * unknown < tokens) return {};
  return fmt::format(
      "{:.0f} % of the tokens of the split \"{}\" are unknown, and a model cannot tell them apart: "
      "{}",
      100.0 * static_cast<double>(unknown) / static_cast<double>(tokens), split,
      is_counted
          ? "a smaller --min-count gives ids to more of those in training; text without blanks "
            "between words (Chinese, Japanese, Thai) is one token per line and needs --tokens "
            "characters or sentencepiece:N"
          : "are these texts written and divided into tokens as those that the vocabulary was made "
            "for (language, case, blanks between words)?");
}

}  // namespace lockstep
