#include "data/text/text_encoder.h"

#include <nlohmann/json.hpp>

#include "base/characters.h"
#include "base/error.h"
#include "base/json_node.h"
#include "data/text/base64.h"
#include "data/text/piece_model.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

TokenKind KindFromName(const JsonNode& node) {
  const std::string name = node.Text();
  for (const TokenKind kind : {TokenKind::kWords, TokenKind::kCharacters, TokenKind::kPieces}) {
    if (name == TokenKindName(kind)) return kind;
  }
  node.Fail(fmt::format("is {}, allowed are words, characters, pieces", Printable(name)));
}

std::shared_ptr<const PieceModel> ModelOf(const JsonNode& node, const std::string& file) {
  auto bytes = FromBase64(node.Text());
  if (!bytes) node.Fail("is no base64 text");
  return std::make_shared<const PieceModel>(std::move(*bytes), file);
}

Tokenizer TokenizerOf(const JsonNode& tokens, const std::string& file) {
  TokenizerOptions options;
  options.kind = KindFromName(tokens.At("kind"));
  options.split_punctuation = tokens.At("split_punctuation").Boolean();
  if (options.kind != TokenKind::kPieces) return Tokenizer(options);
  return Tokenizer(options, ModelOf(tokens.At("model"), file));
}

}  // namespace

TextEncoder::TextEncoder(const TextRules& rules, const Tokenizer& tokenizer,
                         const Vocabulary& words, const std::string& file)
    : rules_(rules), tokenizer_(tokenizer), ids_(words, file) {}

TextEncoder TextEncoder::FromTask(const std::string& task, const Vocabulary& words,
                                  const std::string& file) {
  const Json json = Json::parse(task, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    throw BadData("{}: \"task\" is no JSON object, so texts cannot become ids; {}", file,
                  JsonNode::kRemedy);
  }
  const JsonNode node(json, file, "task");
  const JsonNode rules = node.At("rules");
  return TextEncoder(
      {.compose = rules.At("compose").Boolean(), .lower_case = rules.At("lower_case").Boolean()},
      TokenizerOf(node.At("tokens"), file), words, file);
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
  Json tokens = {{"kind", TokenKindName(options.kind)},
                 {"split_punctuation", options.split_punctuation}};
  if (tokenizer_.model() != nullptr) tokens["model"] = ToBase64(tokenizer_.model()->bytes());
  const Json task = {{"task", "classify"},
                     {"encoding", encoding},
                     {"rules", {{"compose", rules_.compose}, {"lower_case", rules_.lower_case}}},
                     {"tokens", tokens}};
  return task.dump();
}

}  // namespace lockstep
