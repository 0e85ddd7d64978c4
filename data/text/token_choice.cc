#include "data/text/token_choice.h"

#include <filesystem>

#include "base/characters.h"
#include "base/error.h"
#include "base/text.h"

namespace lockstep {
namespace {

constexpr Index kFewestPieces = 8;
constexpr Index kMostPieces = Index{1} << 20;
constexpr std::string_view kTrainedPieces = "sentencepiece:";

}  // namespace

void ParseTokenChoice(const std::string& value, TokenChoice* choice) {
  choice->piece_model.clear();
  choice->pieces = 0;
  for (const TokenKind kind : {TokenKind::kWords, TokenKind::kCharacters}) {
    choice->tokens.kind = kind;
    if (value == TokenKindName(kind)) return;
  }
  choice->tokens.kind = TokenKind::kPieces;
  if (value.ends_with(".model")) {
    choice->piece_model = value;
    return;
  }
  if (value.starts_with(kTrainedPieces) &&
      ReadNumber(std::string_view(value).substr(kTrainedPieces.size()), &choice->pieces)) {
    return;
  }
  throw UsageError("--tokens is {}, allowed: words, characters, {}N, or a file NAME.model",
                   Printable(value), kTrainedPieces);
}

std::string FindPieceProblem(const std::string& what, const TokenChoice& choice) {
  const bool trains = choice.tokens.kind == TokenKind::kPieces && choice.piece_model.empty();
  if (!trains || (choice.pieces >= kFewestPieces && choice.pieces <= kMostPieces)) return {};
  return fmt::format("{} {}{}, allowed: {}..{} pieces", what, kTrainedPieces, choice.pieces,
                     kFewestPieces, kMostPieces);
}

std::string TokenChoiceText(const TokenChoice& choice) {
  if (!choice.piece_model.empty())
    return std::filesystem::path(choice.piece_model).filename().string();
  if (choice.tokens.kind == TokenKind::kPieces)
    return fmt::format("{}{}", kTrainedPieces, choice.pieces);
  return TokenKindName(choice.tokens.kind);
}

}  // namespace lockstep
