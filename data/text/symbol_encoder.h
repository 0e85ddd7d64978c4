// Turns a text into one stream of symbols, the ids that a language model reads and predicts: words,
// characters, pieces of words or bytes, and what stands for the ends of lines. Its settings are
// stored with a corpus as JSON text (CorpusInfo::task):
//
//   {"task": "lm", "line_end": "eos", "rules": {"compose": true, "lower_case": false},
//    "tokens": {"kind": "words", "split_punctuation": false}}
//
// For pieces, "tokens" also holds the SentencePiece model as "model": "<base64>".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "data/batch/schema.h"
#include "data/text/text_pieces.h"
#include "data/text/text_rules.h"
#include "data/text/tokenizer.h"
#include "data/text/vocabulary.h"

namespace lockstep {

enum class SymbolKind { kWords, kCharacters, kPieces, kBytes };
const char* SymbolKindName(SymbolKind kind);  // "words", "characters", "pieces", "bytes"

// What becomes of the end of a line.
enum class LineEnd {
  kSymbol,   // the symbol kLineEndName, also where the last line has no end
  kNewline,  // the character or byte "\n", like any other, where the file has it
  kNothing,  // nothing: words go on with those of the next line
};
const char* LineEndName(LineEnd line_end);  // "eos", "newline", "none"
std::optional<LineEnd> LineEndFromName(std::string_view name);

struct SymbolOptions {
  SymbolKind kind = SymbolKind::kWords;
  LineEnd line_end = LineEnd::kSymbol;
  bool split_punctuation = false;  // as TokenizerOptions; for words
  TextRules rules;                 // not for bytes
};

// Divides pieces of a text (text_pieces.h) into tokens.
class SymbolSplitter {
 public:
  // `model` must be given for pieces, and only then.
  explicit SymbolSplitter(const SymbolOptions& options,
                          std::shared_ptr<const PieceModel> model = nullptr);

  // Calls take(token) for each token of a piece, in order, and for what stands for its line end.
  // Tokens are as Tokenizer makes them, but characters are all code points, white space included.
  // For bytes a token is one byte. The rules are applied to each piece by itself, so a mark that
  // is cut from its letter in a line of more than TextPieces::kMostBytes is not composed with it.
  void ForEach(const TextPieces::Piece& piece, FunctionRef<void(std::string_view)> take) const;

  // How files must be read.
  PieceCut cut() const;
  const SymbolOptions& options() const { return options_; }
  const std::shared_ptr<const PieceModel>& model() const { return model_; }

 private:
  void ForEachToken(std::string_view text, FunctionRef<void(std::string_view)> take) const;

  SymbolOptions options_;
  std::shared_ptr<const PieceModel> model_;
  std::optional<Tokenizer> tokenizer_;  // of pieces and of words with punctuation
};

class SymbolEncoder {
 public:
  // BadData that names `file` if the vocabulary is none that FinishSymbols has made.
  SymbolEncoder(SymbolSplitter splitter, const Vocabulary& vocabulary, const std::string& file);
  // Makes an encoder from the result of TaskJson. The text is not trusted: BadData that names
  // `file` and the place in the JSON text if anything is wrong.
  static SymbolEncoder FromTask(const std::string& task, const Vocabulary& vocabulary,
                                const std::string& file);

  // Appends the ids of a piece. A token that has none gets the unknown id; a token that spells like
  // the unknown symbol or the end of a line is that symbol.
  void Append(const TextPieces::Piece& piece, std::vector<std::int32_t>* ids) const;

  // Appends the tokens of a piece that Append turns into the unknown symbol, but for those that
  // spell it.
  void AddUnknown(const TextPieces::Piece& piece, std::vector<std::string>* tokens) const;

  // The settings as JSON text.
  std::string TaskJson() const;

  const SymbolSplitter& splitter() const { return splitter_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }
  std::int32_t unknown() const { return vocabulary_.unknown; }  // -1 for bytes
  std::int32_t line_end() const { return line_end_; }           // -1: no symbol stands for it

 private:
  SymbolSplitter splitter_;
  Vocabulary vocabulary_;
  std::optional<TokenIds> ids_;  // not for bytes, whose ids are their values
  std::int32_t line_end_ = -1;
};

// Turns symbols into text again, one after another.
class SymbolSpeller {
 public:
  explicit SymbolSpeller(const SymbolEncoder& encoder) : encoder_(encoder) {}
  // What the next symbol adds to the text: a word with the blank before it, a character, a byte, a
  // piece; a line feed for the end of a line.
  std::string Next(std::int32_t id);

 private:
  const SymbolEncoder& encoder_;
  bool line_begins_ = true;
};

// The 256 bytes, named <0x00> to <0xFF>.
Vocabulary VocabularyOfBytes();
// Adds to a vocabulary of the kind what the options need and it lacks, the symbol for line ends,
// and sets the symbol that stands before the first one: that of line ends, a line feed, a blank or
// the unknown one, whichever is there first.
void FinishSymbols(const SymbolOptions& options, Vocabulary* vocabulary);

}  // namespace lockstep
