#include "data/text/tokenizer.h"

#include "base/characters.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "data/text/piece_model.h"

namespace lockstep {
namespace {

using Tokens = std::vector<std::string>;

struct Point {
  std::string_view bytes;
  char32_t code = 0;
};

std::vector<Point> PointsOf(std::string_view text) {
  std::vector<Point> points;
  while (!text.empty()) {
    const std::string_view bytes = TakeCodePoint(&text);
    points.push_back({bytes, DecodeCodePoint(bytes)});
  }
  return points;
}

std::vector<std::string_view> SplitAtWhiteSpace(std::string_view text) {
  std::vector<std::string_view> words;
  bool inside = false;
  while (!text.empty()) {
    const std::string_view point = TakeCodePoint(&text);
    if (IsWhiteSpace(DecodeCodePoint(point))) {
      inside = false;
    } else if (inside) {
      words.back() = {words.back().data(), words.back().size() + point.size()};
    } else {
      words.push_back(point);
      inside = true;
    }
  }
  return words;
}

bool IsDigit(char32_t code) { return code >= '0' && code <= '9'; }

// True if sign i of a word joins the characters on both sides of it, so that it does not divide the
// word.
bool JoinsItsNeighbours(const std::vector<Point>& word, std::size_t i) {
  if (i == 0 || i + 1 == word.size()) return false;
  const char32_t before = word[i - 1].code;
  const char32_t after = word[i + 1].code;
  switch (word[i].code) {
    case '\'':
    case U'\x2019':
    case '-':
      return IsAlphanumeric(before) && IsAlphanumeric(after);
    case '.':
    case ',':
    case ':':
    case '/':
      return IsDigit(before) && IsDigit(after);
    default:
      return false;
  }
}

void AppendWithoutPunctuation(std::string_view text, Tokens* tokens) {
  const std::vector<Point> word = PointsOf(text);
  bool open = false;  // the last token is part of this word and may grow
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char32_t code = word[i].code;
    const bool sign = IsPunctuation(code) && !JoinsItsNeighbours(word, i);
    const bool run = sign && i > 0 && code == word[i - 1].code && (code == '.' || code == '-');
    if (!(run || (open && !sign))) tokens->emplace_back();
    tokens->back() += word[i].bytes;
    open = !sign;
  }
}

Tokens Words(std::string_view text, bool split_punctuation) {
  Tokens tokens;
  for (const std::string_view word : SplitAtWhiteSpace(text)) {
    if (split_punctuation) {
      AppendWithoutPunctuation(word, &tokens);
    } else {
      tokens.emplace_back(word);
    }
  }
  return tokens;
}

Tokens Characters(std::string_view text) {
  Tokens tokens;
  for (const std::string_view word : SplitAtWhiteSpace(text)) {
    if (!tokens.empty()) tokens.emplace_back(" ");
    for (std::string_view rest = word; !rest.empty();) tokens.emplace_back(TakeCodePoint(&rest));
  }
  return tokens;
}

}  // namespace

const char* TokenKindName(TokenKind kind) {
  switch (kind) {
    case TokenKind::kWords:
      return "words";
    case TokenKind::kCharacters:
      return "characters";
    case TokenKind::kPieces:
      return "pieces";
  }
  return "";
}

std::uint64_t HashOfText(std::string_view text) {
  const std::string plain = WithSingleBlanks(text);
  return Hash64(std::as_bytes(std::span(plain.data(), plain.size())));
}

std::string WithSingleBlanks(std::string_view text) {
  return fmt::format("{}", fmt::join(SplitAtWhiteSpace(text), " "));
}

Tokenizer::Tokenizer(const TokenizerOptions& options, std::shared_ptr<const PieceModel> model)
    : options_(options), model_(std::move(model)) {
  LOCKSTEP_CHECK_EQ(model_ != nullptr, options.kind == TokenKind::kPieces);
}

Tokens Tokenizer::Split(std::string_view text) const {
  switch (options_.kind) {
    case TokenKind::kWords:
      return Words(text, options_.split_punctuation);
    case TokenKind::kCharacters:
      return Characters(text);
    case TokenKind::kPieces:
      return model_->Split(WithSingleBlanks(text));
  }
  return {};
}

}  // namespace lockstep
