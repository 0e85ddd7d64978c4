#include "data/text/text_encoder.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "data/text/piece_model.h"
#include "data/text/text_settings.h"

namespace lockstep {
namespace {

constexpr std::array kKinds = {TokenKind::kWords, TokenKind::kCharacters, TokenKind::kPieces};
constexpr std::array kKindNames = {"words", "characters", kPieceKind};  // as TokenKindName

Tokenizer TokenizerOf(const TextSettings& settings) {
  const auto place = std::ranges::find(kKindNames, settings.kind) - kKindNames.begin();
  return Tokenizer({.kind = kKinds[static_cast<std::size_t>(place)],
                    .split_punctuation = settings.split_punctuation},
                   settings.model);
}

}  // namespace

TextEncoder::TextEncoder(const TextRules& rules, const Tokenizer& tokenizer,
                         const Vocabulary& words, const std::string& file)
    : rules_(rules), tokenizer_(tokenizer), ids_(words, file) {}

TextEncoder TextEncoder::FromTask(const std::string& task, const Vocabulary& words,
                                  const std::string& file) {
  const TextSettings settings = ReadTextSettings(ParseTextTask(task, file), kKindNames, file);
  return TextEncoder(settings.rules, TokenizerOf(settings), words, file);
}

std::vector<std::int32_t> TextEncoder::Encode(std::string_view text) const {
  return EncodeRuled(ApplyRules(rules_, text));
}

std::vector<std::int32_t> TextEncoder::EncodeRuled(std::string_view text) const {
  std::vector<std::int32_t> ids;
  for (const std::string& token : tokenizer_.Split(text)) ids.push_back(ids_.Find(token));
  return ids;
}

std::string TextEncoder::TaskJson(const std::string& encoding) const {
  const TokenizerOptions& options = tokenizer_.options();
  nlohmann::json task = ToJson(TextSettings{.rules = rules_,
                                            .kind = TokenKindName(options.kind),
                                            .split_punctuation = options.split_punctuation,
                                            .model = tokenizer_.model()});
  task.update({{"task", "classify"}, {"encoding", encoding}});
  return JsonText(task);
}

}  // namespace lockstep
