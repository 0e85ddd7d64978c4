// Texts to tokens: words, characters, or the pieces of a SentencePiece model.
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
  // Words only: makes each sign of punctuation a token of its own. Off, because corpora that are
  // tokenised already would be cut twice ("'s", "n't"); texts as people type them need it.
  bool split_punctuation = false;
  bool operator==(const TokenizerOptions&) const = default;
};

// The words of a text with one blank between them: what SentencePiece is trained on and given,
// since it knows no other white space than the blank.
std::string WithSingleBlanks(std::string_view text);

class Tokenizer {
 public:
  // `model` for pieces only.
  explicit Tokenizer(const TokenizerOptions& options,
                     std::shared_ptr<const PieceModel> model = nullptr);

  // The tokens of a text (UTF-8, after the rules of text_rules.h), in order; none for a text
  // without anything but white space. By kind:
  //   words       what stands between white space. With split_punctuation each sign (Unicode P and
  //               S) is a token, except: between two letters or digits ' (also typographic) and -
  //               stay inside ("don't", "well-known"), between two digits . , : / stay inside
  //               ("3.14"); and a run of the same sign among . - is one token ("...").
  //   characters  code points; white space within the text is one " " per run.
  //   pieces      as the model cuts; a part that is in no piece comes as it is written.
  std::vector<std::string> Split(std::string_view text) const;

  const TokenizerOptions& options() const { return options_; }
  const std::shared_ptr<const PieceModel>& model() const { return model_; }

 private:
  TokenizerOptions options_;
  std::shared_ptr<const PieceModel> model_;
};

}  // namespace lockstep
