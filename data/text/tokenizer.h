// Divides texts into tokens: words, characters, or the pieces of a SentencePiece model.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep {

class PieceModel;

enum class TokenKind { kWords, kCharacters, kPieces };
// "words", "characters", "pieces".
const char* TokenKindName(TokenKind kind);

struct TokenizerOptions {
  TokenKind kind = TokenKind::kWords;
  // For words only: makes each punctuation sign a separate token. Off by default, because corpora
  // that are already tokenised ("'s", "n't") would be divided a second time; texts as people type
  // them need it.
  bool split_punctuation = false;
  bool operator==(const TokenizerOptions&) const = default;
};

// The words of a text with single blanks between them. SentencePiece is given texts in this form,
// because it knows no other white space than the blank.
std::string WithSingleBlanks(std::string_view text);
// A hash of the text that is the same for texts that differ in white space alone.
std::uint64_t HashOfText(std::string_view text);

class Tokenizer {
 public:
  // `model` must be given for pieces, and only then.
  explicit Tokenizer(const TokenizerOptions& options,
                     std::shared_ptr<const PieceModel> model = nullptr);

  // The tokens of a text (UTF-8, after the rules of text_rules.h), in order; none for a text of
  // white space only. They are, by kind:
  //   words       the parts between white space. With split_punctuation, each sign (Unicode P, S)
  //               is a token, with these exceptions: ' (also typographic) and - between two letters
  //               or digits do not divide a word ("don't", "well-known"), nor do . , : / between
  //               two digits ("3.14"); and a run of several . or of several - is one token ("...").
  //   characters  code points; each run of white space within the text is one " ".
  //   pieces      the pieces of the model; a part that is in no piece is a token as it is.
  std::vector<std::string> Split(std::string_view text) const;

  const TokenizerOptions& options() const { return options_; }
  const std::shared_ptr<const PieceModel>& model() const { return model_; }

 private:
  TokenizerOptions options_;
  std::shared_ptr<const PieceModel> model_;
};

}  // namespace lockstep
