// Which tokens of a training split get an id of their own, and the look-up of tokens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/types.h"
#include "data/batch/schema.h"
#include "data/text/text_rules.h"

namespace lockstep {

class PieceModel;

// The token that stands for every token without an id of its own. A text may hold it as it is.
inline constexpr const char* kUnknownName = "<unk>";

struct VocabularyOptions {
  // Tokens that are rarer in the training split get no id; 1 or more. 2: tokens seen once teach
  // nothing about themselves, but teach the unknown id, which would never be trained otherwise.
  Index min_count = 2;
  // Ids in all, the unknown one included; 2 .. kMostTokens. 50,000 tokens times 256 floats are 51
  // MB of parameters, more than most data sets can train.
  Index max_size = 50000;
};

// Most tokens that a corpus can name, and that are counted.
inline constexpr Index kMostTokens = Index{1} << 24;

// Hashes any kind of string alike, so that a look-up makes no copy.
struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

// Counts the tokens of the training split. Memory grows with the number of different tokens, which
// distinct() tells, never with the number of texts.
class TokenCounter {
 public:
  // BadData when there are more than kMostTokens different ones.
  void Add(const std::vector<std::string>& tokens);

  // Unknown is id 0; then tokens in descending order of their counts, equal counts in the order of
  // their bytes. The same counts give the same vocabulary, in whatever order they were added.
  Vocabulary Finish(const VocabularyOptions& options) const;

  Index distinct() const { return static_cast<Index>(counts_.size()); }
  Index tokens() const { return tokens_; }

 private:
  std::unordered_map<std::string, Index, StringHash, std::equal_to<>> counts_;
  Index tokens_ = 0;
};

// A list that the user gives: UTF-8, one token per line, ids in the order of the lines. Where
// "<unk>" is not among them it is put before the first. BadData names the line of a token that is
// empty, there twice, or can never be found because of white space in it or because the rules make
// another one of it.
Vocabulary VocabularyFromFile(const std::string& path, const TextRules& rules);

// The pieces of a model behind the unknown id 0.
Vocabulary VocabularyOfPieces(const PieceModel& model);

// Ids of tokens. Throws BadData when the vocabulary has no unknown id or a name twice; `file`
// stands in the message.
class TokenIds {
 public:
  TokenIds(const Vocabulary& vocabulary, const std::string& file);
  // The unknown id for a token without one.
  std::int32_t Find(std::string_view token) const;
  std::int32_t unknown() const { return unknown_; }

 private:
  std::unordered_map<std::string, std::int32_t, StringHash, std::equal_to<>> ids_;
  std::int32_t unknown_;
};

// UsageError that lists all options with a value that is not allowed.
void CheckVocabularyOptions(const VocabularyOptions& options);

}  // namespace lockstep
