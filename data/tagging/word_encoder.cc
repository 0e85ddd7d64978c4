#include "data/tagging/word_encoder.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_node.h"
#include "base/json_text.h"
#include "base/utf8.h"
#include "data/tagging/word_shape.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kWords = 0, kCharacters = 1, kShapes = 2, kTags = 3;  // fields
constexpr std::size_t kMostByteIds = 255;  // 255 itself stands for an ignored target

Field StepField(const char* name, ElementType type, FieldRole role, int vocabulary) {
  return {.name = name,
          .type = type,
          .alignment = Alignment::kStep,
          .role = role,
          .vocabulary = vocabulary};
}

}  // namespace

std::vector<std::int32_t> EncodedWords::CharacterRecord() const {
  std::vector<std::int32_t> record = lengths;
  record.insert(record.end(), characters.begin(), characters.end());
  return record;
}

std::string RuledWord(const WordRules& rules, std::string_view token) {
  std::string word = ApplyRules(rules.text, token);
  if (!rules.zero_digits) return word;
  std::ranges::replace_if(
      word, [](char c) { return c >= '1' && c <= '9'; }, '0');
  return word;
}

std::vector<std::string> CharactersOf(const WordRules& rules, std::string_view token) {
  const std::string composed =
      ApplyRules({.compose = rules.text.compose, .lower_case = rules.lower_characters}, token);
  std::vector<std::string> characters;
  for (std::string_view rest = composed; !rest.empty();)
    characters.emplace_back(TakeCodePoint(&rest));
  constexpr std::size_t kMost = WordEncoder::kMostCharacters;
  if (characters.size() > kMost)
    characters.erase(characters.begin() + kMost / 2, characters.end() - kMost / 2);
  return characters;
}

WordEncoder::WordEncoder(const WordRules& rules, const OnceRange& once, const Vocabulary& words,
                         const Vocabulary& characters, const std::string& file)
    : rules_(rules), once_(once), words_(words, file), characters_(characters, file) {}

WordEncoder WordEncoder::FromTask(const std::string& task, const Schema& schema,
                                  const std::string& file) {
  const Json json = ParseJsonOrDiscard(task);
  if (!json.is_object() || !IsTaggingSchema(schema)) {
    throw BadData("{}: it is not the corpus of a tagger (`lockstep prepare text --task tag`); {}",
                  file, JsonNode::kRemedy);
  }
  const JsonNode node(json, file, "task");
  const JsonNode rules = node.At("rules");
  const std::vector<JsonNode> once = node.At("once").Items();
  if (once.size() != 2) node.At("once").Fail("has not two numbers");
  const Index words = schema.IdsOf(schema.fields[kWords]);
  const Index begin = once[0].Integer(0, words), end = once[1].Integer(begin, words);
  return WordEncoder(
      {{.compose = rules.At("compose").Boolean(), .lower_case = rules.At("lower_case").Boolean()},
       rules.At("zero_digits").Boolean(),
       // Corpora of releases before it have no such key.
       rules.Has("lower_characters") && rules.At("lower_characters").Boolean()},
      {begin, end}, schema.VocabularyOf(schema.fields[kWords]),
      schema.VocabularyOf(schema.fields[kCharacters]), file);
}

EncodedWords WordEncoder::Encode(std::span<const std::string> tokens) const {
  EncodedWords encoded;
  for (const std::string& token : tokens) {
    encoded.words.push_back(words_.Find(RuledWord(rules_, token)));
    encoded.shapes.push_back(static_cast<std::uint8_t>(ShapeOf(token)));
    const std::vector<std::string> characters = CharactersOf(rules_, token);
    encoded.lengths.push_back(static_cast<std::int32_t>(characters.size()));
    for (const std::string& character : characters)
      encoded.characters.push_back(characters_.Find(character));
  }
  return encoded;
}

std::string WordEncoder::TaskJson() const {
  Json task = {{"task", "tag"},
               {"rules",
                {{"compose", rules_.text.compose},
                 {"lower_case", rules_.text.lower_case},
                 {"zero_digits", rules_.zero_digits}}},
               {"once", {once_.begin, once_.end}}};
  // Only where it is set, so that corpora without it keep their bytes.
  if (rules_.lower_characters) task["rules"]["lower_characters"] = true;
  return JsonText(task);
}

Schema TaggingSchema(const Vocabulary& words, const Vocabulary& characters,
                     const Vocabulary& tags) {
  Schema schema;
  Vocabulary shapes;
  shapes.name = "shapes";
  shapes.names = WordShapeNames();
  schema.vocabularies = {words, characters, shapes, tags};
  schema.vocabularies[kCharacters].name = "characters";
  const ElementType tag_type =
      tags.names.size() <= kMostByteIds ? ElementType::kUint8 : ElementType::kInt32;
  schema.fields = {StepField("words", ElementType::kInt32, FieldRole::kInput, kWords),
                   StepField("characters", ElementType::kInt32, FieldRole::kInput, kCharacters),
                   StepField("shapes", ElementType::kUint8, FieldRole::kInput, kShapes),
                   StepField("targets", tag_type, FieldRole::kTarget, kTags)};
  schema.fields[kCharacters].alignment = Alignment::kListInStep;
  schema.unit = "tokens";
  return schema;
}

bool IsTaggingSchema(const Schema& schema) {
  if (schema.fields.size() != kTags + 1 || schema.vocabularies.size() != kTags + 1) return false;
  const Schema expected = TaggingSchema(
      schema.vocabularies[kWords], schema.vocabularies[kCharacters], schema.vocabularies[kTags]);
  return schema.fields == expected.fields &&
         schema.vocabularies[kShapes].names == expected.vocabularies[kShapes].names;
}

}  // namespace lockstep
