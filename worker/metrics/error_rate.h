// Word and character error rate: a reference and a hypothesis are aligned, and the differences are
// counted as errors.
//
//   rate = (substitutions + insertions + deletions) / tokens of the references
//
// The alignment is that of NIST's sclite: the path with the lowest cost, where a substitution costs
// 4, an insertion 3 and a deletion 3. Of several paths with the same cost, read from the end, a
// match or substitution is preferred to an insertion, and that to a deletion. Paths of equal cost
// can have different numbers of errors, so both rules are needed to agree with published rates
// (sctk 2.4, net_dp.c). Tools that minimise the number of errors (Levenshtein distance) may report
// a slightly lower rate.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/types.h"

namespace lockstep {

struct ErrorCounts {
  Index correct = 0;
  Index substitutions = 0;
  Index insertions = 0;
  Index deletions = 0;

  Index reference_tokens() const { return correct + substitutions + deletions; }
  Index errors() const { return substitutions + insertions + deletions; }
  // errors() / reference_tokens(); may exceed 1 when there are many insertions. With no reference
  // tokens it is 0 if there are no insertions, else 1.
  double rate() const;
  ErrorCounts& operator+=(const ErrorCounts& other);
  bool operator==(const ErrorCounts&) const = default;
};

enum class Edit { kCorrect, kSubstitution, kInsertion, kDeletion };

// One column of an alignment: indices of a token of the reference and of the hypothesis; -1 where
// that side has no token.
struct EditStep {
  Edit edit = Edit::kCorrect;
  Index reference = -1;
  Index hypothesis = -1;
};

using Tokens = std::vector<std::string>;

// Time and memory grow with the product of the lengths (one byte for each pair of tokens).
// UsageError if the product exceeds 2^32; such recordings must be cut into utterances.
std::vector<EditStep> AlignTokens(std::span<const std::string> reference,
                                  std::span<const std::string> hypothesis);

ErrorCounts CountErrors(std::span<const EditStep> alignment);

// The tokens of a text. Words are separated by spaces and tabs. Characters are UTF-8 code points; a
// byte that is not valid UTF-8 is a character, too. A gap between two words is one character (a
// space); spaces at the ends are none, as in most tools that print a CER.
Tokens SplitWords(std::string_view text);
Tokens SplitCharacters(std::string_view text);

struct Confusion {
  std::string reference;
  std::string hypothesis;
  Index count = 0;
};

struct RateInterval {
  double low = 0;
  double high = 0;
};

// Adds up the errors of a test set.
class ErrorRate {
 public:
  ErrorCounts Add(std::span<const std::string> reference, std::span<const std::string> hypothesis);

  const ErrorCounts& total() const { return total_; }
  Index utterances() const { return static_cast<Index>(utterances_.size()); }
  // The number of utterances with at least one error.
  Index wrong_utterances() const;

  // The `most` most frequent substitutions, most frequent first; equally frequent ones in the order
  // of their tokens.
  std::vector<Confusion> Confusions(Index most) const;

  // The 95 % confidence interval of the rate by the bootstrap: percentiles of the rates of `draws`
  // test sets, whose utterances are drawn with replacement (Bisani and Ney 2004, "Bootstrap
  // estimates for confidence intervals in ASR performance evaluation"). A pure function of the
  // utterances, their order, the seed and `draws`. A draw without reference tokens has the rate
  // that ErrorCounts::rate defines.
  RateInterval Bootstrap(std::uint64_t seed, Index draws = 1000) const;

 private:
  ErrorCounts Draw(std::uint64_t seed, Index draw) const;

  ErrorCounts total_;
  std::vector<ErrorCounts> utterances_;
  std::map<std::pair<std::string, std::string>, Index> confusions_;
};

}  // namespace lockstep
