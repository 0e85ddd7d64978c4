#include "data/text/text_settings.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/characters.h"
#include "base/error.h"
#include "base/json_node.h"
#include "base/json_text.h"
#include "data/text/base64.h"
#include "data/text/piece_model.h"

namespace lockstep {
namespace {

std::string KindFrom(const JsonNode& node, std::span<const char* const> kinds) {
  const std::string name = node.Text();
  if (std::ranges::find(kinds, name) != kinds.end()) return name;
  node.Fail(fmt::format("is {}, allowed are {}", Printable(name), fmt::join(kinds, ", ")));
}

std::shared_ptr<const PieceModel> ModelFrom(const JsonNode& node, const std::string& file) {
  auto bytes = FromBase64(node.Text());
  if (!bytes) node.Fail("is no base64 text");
  return std::make_shared<const PieceModel>(std::move(*bytes), file);
}

}  // namespace

nlohmann::json ToJson(const TextSettings& settings) {
  nlohmann::json tokens = {{"kind", settings.kind},
                           {"split_punctuation", settings.split_punctuation}};
  if (settings.model != nullptr) tokens["model"] = ToBase64(settings.model->bytes());
  nlohmann::json rules = {{"compose", settings.rules.compose},
                          {"lower_case", settings.rules.lower_case}};
  // Only then, so that corpora without it have the bytes that they had before there was this rule.
  if (settings.rules.plain_punctuation) rules["plain_punctuation"] = true;
  return {{"rules", rules}, {"tokens", tokens}};
}

nlohmann::json ParseTextTask(const std::string& task, const std::string& file) {
  auto json = ParseJsonOrDiscard(task);
  if (json.is_object()) return json;
  throw BadData("{}: \"task\" is no JSON object, so texts cannot become ids; {}", file,
                JsonNode::kRemedy);
}

TextSettings ReadTextSettings(const nlohmann::json& task, std::span<const char* const> kinds,
                              const std::string& file) {
  const JsonNode node(task, file, "task");
  const JsonNode rules = node.At("rules"), tokens = node.At("tokens");
  TextSettings settings;
  settings.rules = {.compose = rules.At("compose").Boolean(),
                    .lower_case = rules.At("lower_case").Boolean(),
                    .plain_punctuation =
                        rules.Has("plain_punctuation") && rules.At("plain_punctuation").Boolean()};
  settings.kind = KindFrom(tokens.At("kind"), kinds);
  settings.split_punctuation = tokens.At("split_punctuation").Boolean();
  if (settings.kind == kPieceKind) settings.model = ModelFrom(tokens.At("model"), file);
  return settings;
}

}  // namespace lockstep
