// What the user calls the tokens of a text: words, characters, or the pieces of a SentencePiece
// model that is given or still to be trained. Importers of labelled and of parallel text share it.
#pragma once

#include <string>

#include "base/types.h"
#include "data/text/tokenizer.h"

namespace lockstep {

struct TokenChoice {
  TokenizerOptions tokens;
  // For kPieces, one of the two must be given: the file of a SentencePiece model, or the number of
  // pieces of a model to be trained on the training split (8 to 2^20).
  std::string piece_model;
  Index pieces = 0;
  bool operator==(const TokenChoice&) const = default;
};

// Reads "words", "characters", "sentencepiece:N" or the path of a SentencePiece model, FILE.model.
// UsageError if `value` is none of these. Leaves split_punctuation as it is.
void ParseTokenChoice(const std::string& value, TokenChoice* choice);

// A sentence that begins with `what` ("--tokens is") if a model cannot be trained with so many
// pieces; empty if it can, or if none is to be trained.
std::string FindPieceProblem(const std::string& what, const TokenChoice& choice);

// The choice as ParseTokenChoice reads it, a model without its folder.
std::string TokenChoiceText(const TokenChoice& choice);

}  // namespace lockstep
