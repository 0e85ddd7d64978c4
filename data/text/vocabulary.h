// Decides which tokens of a training split get an id, and looks up the ids of tokens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/types.h"
#include "data/batch/schema.h"
#include "data/text/text_rules.h"
#include "data/text/tokenizer.h"

namespace lockstep {

class PieceModel;

// The token that stands for all tokens without an id. It may also occur in a text.
inline constexpr const char* kUnknownName = "<unk>";
// The symbol for the end of a line.
inline constexpr const char* kLineEndName = "<eos>";

struct VocabularyOptions {
  // Tokens that occur less often in the training split get no id; at least 1. The default is 2,
  // because the unknown id would otherwise never occur in training; and from a token that was seen
  // once, little can be learned.
  Index min_count = 2;
  // The most ids, the unknown one included; 2 to kMostTokens. 50,000 tokens with 256 floats each
  // are 51 MB of parameters, more than most data sets can train.
  Index max_size = 50000;
};

// The most different tokens that a corpus may have, and that are counted.
inline constexpr Index kMostTokens = Index{1} << 24;

// Hashes all string types in the same way, so that a look-up needs no copy of the key.
struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

// Counts the tokens of the training split. Memory grows with the number of different tokens,
// distinct(), but not with the number of texts.
class TokenCounter {
 public:
  // BadData if there are more than kMostTokens different tokens.
  void Add(const std::vector<std::string>& tokens);
  void Add(std::string_view token);

  // Makes the vocabulary: the unknown token has id 0; then come tokens in descending order of their
  // counts, those with equal counts in the order of their bytes. It does not depend on the order in
  // which tokens were added.
  Vocabulary Finish(const VocabularyOptions& options) const;

  // How often a token was added.
  Index Count(std::string_view token) const {
    const auto found = counts_.find(token);
    return found == counts_.end() ? 0 : found->second;
  }
  Index distinct() const { return static_cast<Index>(counts_.size()); }
  Index tokens() const { return tokens_; }

 private:
  std::unordered_map<std::string, Index, StringHash, std::equal_to<>> counts_;
  Index tokens_ = 0;
};

// Reads a list of tokens from the user: UTF-8, one token per line, ids in the order of the lines.
// If "<unk>" is not among them, it is added before the first. BadData that names the line of a
// token that is empty, repeated, or can never occur, because the rules change it, because it holds
// white space (words), or because it is more than one code point (characters; not the two symbols).
// `path` may also be the folder of a corpus of texts, or of a run: its tokens are taken, with the
// same ids, so that a model can start from one of the other corpus; UsageError if there are none,
// or the rules change one.
Vocabulary VocabularyFromFile(const std::string& path, const TextRules& rules,
                              TokenKind kind = TokenKind::kWords);

// The vocabulary of a SentencePiece model: the unknown id 0, and then its pieces.
Vocabulary VocabularyOfPieces(const PieceModel& model);

// Looks up the ids of tokens. BadData that names `file` if the vocabulary has no unknown id, or the
// same name twice.
class TokenIds {
 public:
  TokenIds(const Vocabulary& vocabulary, const std::string& file);
  // The id of a token; the unknown id if it has none.
  std::int32_t Find(std::string_view token) const;
  std::int32_t unknown() const { return unknown_; }

 private:
  std::unordered_map<std::string, std::int32_t, StringHash, std::equal_to<>> ids_;
  std::int32_t unknown_;
};

// UsageError that lists all options with a value that is not allowed.
void CheckVocabularyOptions(const VocabularyOptions& options);

}  // namespace lockstep
