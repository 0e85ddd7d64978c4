#include "data/translation/pair_encoder.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_node.h"
#include "base/json_text.h"
#include "data/translation/punctuation.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kBlankOfPieces = "\xE2\x96\x81";  // U+2581, as SentencePiece writes it

std::vector<std::int32_t> IdsOf(const TextEncoder& encoder, const Vocabulary& words,
                                std::string_view ruled) {
  std::vector<std::int32_t> ids = encoder.EncodeRuled(ruled);
  std::ranges::replace(ids, words.end, encoder.unknown());  // spelt in the text, it is no end
  ids.push_back(words.end);
  return ids;
}

std::vector<std::string> NamesOf(const Vocabulary& words, std::span<const std::int32_t> ids) {
  std::vector<std::string> names;
  for (const std::int32_t id : ids) names.push_back(words.names[static_cast<std::size_t>(id)]);
  return names;
}

// Pieces begin words with kBlankOfPieces.
std::string JoinPieces(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string_view piece : pieces) {
    const bool begins = piece.starts_with(kBlankOfPieces);
    if (begins && !text.empty()) text += ' ';
    text += begins ? piece.substr(kBlankOfPieces.size()) : piece;
  }
  return text;
}

// What a tokenizer has split, as text again.
std::string Joined(const TokenizerOptions& options, const std::vector<std::string>& tokens) {
  if (options.kind == TokenKind::kPieces) return JoinPieces(tokens);
  if (options.kind == TokenKind::kCharacters) return fmt::format("{}", fmt::join(tokens, ""));
  if (options.split_punctuation) return JoinWords(tokens);
  return fmt::format("{}", fmt::join(tokens, " "));
}

void RequireEnd(const Vocabulary& words, const std::string& file) {
  if (words.end >= 0 && words.end < static_cast<int>(words.names.size())) return;
  throw BadData("{}: the vocabulary \"{}\" has no id for the end of a sequence; {}", file,
                words.name, JsonNode::kRemedy);
}

Json SideJson(const TextEncoder& encoder) {
  const Json side = ParseJson(encoder.TaskJson(""));
  return {{"rules", side["rules"]}, {"tokens", side["tokens"]}};
}

}  // namespace

void AddSequenceEnd(Vocabulary* vocabulary) {
  auto found = std::ranges::find(vocabulary->names, kSequenceEndName);
  if (found == vocabulary->names.end())
    found = vocabulary->names.insert(vocabulary->names.end(), kSequenceEndName);
  vocabulary->end = static_cast<int>(found - vocabulary->names.begin());
  vocabulary->start = vocabulary->end;
}

PairEncoder::PairEncoder(TextEncoder source, TextEncoder target, const Vocabulary& source_words,
                         const Vocabulary& target_words, bool shared, const std::string& file)
    : source_(std::move(source)),
      target_(std::move(target)),
      source_words_(source_words),
      target_words_(target_words),
      shared_(shared) {
  RequireEnd(source_words_, file);
  RequireEnd(target_words_, file);
}

PairEncoder PairEncoder::FromTask(const std::string& task, const Schema& schema,
                                  const std::string& file) {
  const Json json = ParseJsonOrDiscard(task);
  const auto target_field = schema.Target();
  const bool is_pair = target_field && !schema.fields[0].is_real() &&
                       schema.fields[*target_field].alignment == Alignment::kOwnSteps;
  if (!json.is_object() || !is_pair) {
    throw BadData("{}: holds no settings for pairs of texts; {}", file, JsonNode::kRemedy);
  }
  const JsonNode node(json, file, "task");
  const bool shared = node.At("shared").Boolean();
  const std::string source = node.At("source").Dump();
  const std::string target = shared ? source : node.At("target").Dump();
  const Vocabulary& source_words = schema.VocabularyOf(schema.fields[0]);
  const Vocabulary& target_words = schema.VocabularyOf(schema.fields[*target_field]);
  return {TextEncoder::FromTask(source, source_words, file),
          TextEncoder::FromTask(target, target_words, file),
          source_words,
          target_words,
          shared,
          file};
}

std::vector<std::int32_t> PairEncoder::SourceIds(std::string_view ruled) const {
  return IdsOf(source_, source_words_, ruled);
}

std::vector<std::int32_t> PairEncoder::TargetIds(std::string_view ruled) const {
  return IdsOf(target_, target_words_, ruled);
}

std::string PairEncoder::TargetText(std::span<const std::int32_t> ids) const {
  return JoinTarget(TargetTokens(ids));
}

std::string PairEncoder::JoinTarget(const std::vector<std::string>& tokens) const {
  return Joined(target_.tokenizer().options(), tokens);
}

std::string PairEncoder::SourceText(std::span<const std::int32_t> ids) const {
  std::vector<std::string> tokens = SourceTokens(ids);
  if (!tokens.empty() && tokens.back() == kSequenceEndName) tokens.pop_back();
  return Joined(source_.tokenizer().options(), tokens);
}

std::vector<std::string> PairEncoder::SourceTokens(std::span<const std::int32_t> ids) const {
  return NamesOf(source_words_, ids);
}

std::vector<std::string> PairEncoder::TargetTokens(std::span<const std::int32_t> ids) const {
  return NamesOf(target_words_, ids);
}

std::string PairEncoder::TaskJson() const {
  Json task = {{"task", "translate"}, {"shared", shared_}, {"source", SideJson(source_)}};
  if (!shared_) task["target"] = SideJson(target_);
  return JsonText(task);
}

}  // namespace lockstep
