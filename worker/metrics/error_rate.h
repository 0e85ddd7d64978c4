// Word and character error rate: reference and hypothesis are aligned, errors are counted.
//
//   rate = (substitutions + insertions + deletions) / tokens of the references
//
// The alignment is that of NIST's sclite: the cheapest path with substitution 4, insertion 3,
// deletion 3; of equal paths, read from the end, a match or substitution before an insertion before
// a deletion. Paths of one cost can hold different numbers of errors, so agreement with published
// rates needs both rules (sctk 2.4, net_dp.c). The costs are not those of the Levenshtein distance:
// the rate may lie a little above the one of tools that minimise the number of errors.
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
  // A share, above 1 when much is inserted. Of an empty reference: 0 without insertions, else 1;
  // in a sum over utterances its insertions count like all others.
  double rate() const;
  ErrorCounts& operator+=(const ErrorCounts& other);
  bool operator==(const ErrorCounts&) const = default;
};

enum class Edit { kCorrect, kSubstitution, kInsertion, kDeletion };

// One column of an alignment. -1: no token on that side.
struct EditStep {
  Edit edit = Edit::kCorrect;
  Index reference = -1;
  Index hypothesis = -1;
};

using Tokens = std::vector<std::string>;

// Time and memory go with the product of the lengths (one byte and one step each). UsageError
// beyond 2^32 of it: cut such recordings into utterances.
std::vector<EditStep> AlignTokens(std::span<const std::string> reference,
                                  std::span<const std::string> hypothesis);

ErrorCounts CountErrors(std::span<const EditStep> alignment);

// Tokens of a text. Words lie between spaces and tabs. Characters are UTF-8 code points (a byte
// that is no UTF-8 counts as one); spaces between words count as one character each, those at the
// ends do not, as in most tools that print a CER.
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
  // Utterances with an error.
  Index wrong_utterances() const;

  // Substitutions by their number, then in the order of their tokens; the first `most` of them.
  std::vector<Confusion> Confusions(Index most) const;

  // 95 % percentile interval of the rate over utterances drawn with replacement (Bisani and Ney
  // 2004, "Bootstrap estimates for confidence intervals in ASR performance evaluation"). A pure
  // function of the utterances, their order and the seed. Fewer than two utterances, or no
  // reference tokens in a draw: those draws have the rate of ErrorCounts::rate.
  RateInterval Bootstrap(std::uint64_t seed, Index draws = 1000) const;

 private:
  ErrorCounts Draw(std::uint64_t seed, Index draw) const;

  ErrorCounts total_;
  std::vector<ErrorCounts> utterances_;
  std::map<std::pair<std::string, std::string>, Index> confusions_;
};

}  // namespace lockstep
