#include "data/tagging/word_encoder.h"

#include <gtest/gtest.h>

#include "data/batch/span_tags.h"
#include "data/tagging/word_shape.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

std::string ShapeName(std::string_view word) {
  return WordShapeNames()[static_cast<std::size_t>(ShapeOf(word))];
}

Vocabulary Names(const std::vector<std::string>& names) {
  Vocabulary vocabulary;
  vocabulary.name = "words";
  vocabulary.names = names;
  vocabulary.unknown = 0;
  return vocabulary;
}

Schema SmallSchema() {
  return TaggingSchema(Names({"<unk>", "paris", "in", "0"}), Names({"<unk>", "P", "i"}),
                       TagVocabulary(TagScheme::kBio, {"LOC"}));
}

WordEncoder Encoder() {
  const Schema schema = SmallSchema();
  return WordEncoder({{.lower_case = true}, true}, {2, 4}, schema.vocabularies[0],
                     schema.vocabularies[1], "test");
}

TEST(WordShape, CasesDigitsAndSignsAreTold) {
  EXPECT_EQ(ShapeName("cell"), "lower");
  EXPECT_EQ(ShapeName("e-mail"), "lower");
  EXPECT_EQ(ShapeName("Paris"), "capitalised");
  EXPECT_EQ(ShapeName("\u00C9mile"), "capitalised") << "an accented capital";
  EXPECT_EQ(ShapeName("I"), "capitalised");
  EXPECT_EQ(ShapeName("DNA"), "upper");
  EXPECT_EQ(ShapeName("iPhone"), "mixed");
  EXPECT_EQ(ShapeName("1984"), "digits");
  EXPECT_EQ(ShapeName("3.14"), "number");
  EXPECT_EQ(ShapeName("BRCA1"), "alphanumeric");
  EXPECT_EQ(ShapeName("..."), "punctuation");
  EXPECT_EQ(ShapeName("\u6771\u4EAC"), "lower") << "letters without case";
  EXPECT_EQ(ShapeName("\u200B"), "other");
}

TEST(WordEncoder, WordsFollowTheRulesAndCharactersDoNot) {
  const std::vector<std::string> tokens = {"Paris", "in", "7", "Pi"};
  const EncodedWords found = Encoder().Encode(tokens);
  EXPECT_EQ(found.words, (std::vector<std::int32_t>{1, 2, 3, 0}));
  EXPECT_EQ(found.lengths, (std::vector<std::int32_t>{5, 2, 1, 2}));
  EXPECT_EQ(found.characters, (std::vector<std::int32_t>{1, 0, 0, 2, 0, 2, 0, 0, 1, 2}));
  EXPECT_EQ(found.shapes, (std::vector<std::uint8_t>{1, 0, 4, 1}));
  EXPECT_EQ(found.CharacterRecord().size(), 14U);
}

TEST(WordEncoder, LowerCharactersLeaveTheCaseToTheShapes) {
  const Schema schema = SmallSchema();
  WordRules rules;
  rules.lower_characters = true;
  const WordEncoder encoder(rules, {}, schema.vocabularies[0], schema.vocabularies[1], "test");
  const EncodedWords found = encoder.Encode(std::vector<std::string>{"PI", "paris"});
  EXPECT_EQ(found.characters, (std::vector<std::int32_t>{0, 2, 0, 0, 0, 2, 0}));
  EXPECT_EQ(found.words, (std::vector<std::int32_t>{0, 1})) << "words follow --lower-case alone";
  EXPECT_EQ(found.shapes, (std::vector<std::uint8_t>{2, 0}));
  const WordEncoder again = WordEncoder::FromTask(encoder.TaskJson(), schema, "corpus");
  EXPECT_TRUE(again.rules().lower_characters);
}

TEST(WordEncoder, CorporaWithoutLowerCharactersKeepTheirText) {
  const std::string text = Encoder().TaskJson();
  EXPECT_EQ(text.find("lower_characters"), text.npos);
  EXPECT_FALSE(WordEncoder::FromTask(text, SmallSchema(), "corpus").rules().lower_characters);
}

TEST(WordEncoder, LongWordsKeepTheirEnds) {
  const std::string word = "P" + std::string(200, 'x') + "i";
  const auto kept = CharactersOf({}, word);
  ASSERT_EQ(kept.size(), WordEncoder::kMostCharacters);
  EXPECT_EQ(kept.front(), "P");
  EXPECT_EQ(kept.back(), "i");
}

TEST(WordEncoder, ComesBackFromItsText) {
  const WordEncoder first = Encoder();
  const WordEncoder again = WordEncoder::FromTask(first.TaskJson(), SmallSchema(), "corpus");
  EXPECT_EQ(again.TaskJson(), first.TaskJson());
  EXPECT_EQ(again.once().begin, 2);
  EXPECT_TRUE(again.rules().zero_digits);
}

TEST(WordEncoder, DamagedTextsAreNamed) {
  const auto read = [](const std::string& task) {
    return [=] { WordEncoder::FromTask(task, SmallSchema(), "corpus.json"); };
  };
  ExpectError(ExitCode::kBadData, "corpus.json", read("{"));
  ExpectError(ExitCode::kBadData, "task/rules has no", read(R"({"rules": {}, "once": [0, 0]})"));
  const std::string rules =
      R"({"rules": {"compose": true, "lower_case": true, "zero_digits": false}, "once": )";
  ExpectError(ExitCode::kBadData, "task/once/1", read(rules + "[3, 2]}"));
  ExpectError(ExitCode::kBadData, "task/once/1", read(rules + "[3, 5]}"));
  ExpectError(ExitCode::kBadData, "two numbers", read(rules + "[3]}"));
  ExpectError(ExitCode::kBadData, "task/rules/lower_characters", read(R"({"rules": {"compose": true,
      "lower_case": true, "zero_digits": false, "lower_characters": 1}, "once": [0, 0]})"));
}

TEST(TaggingSchema, OtherSchemasAreTold) {
  Schema schema = SmallSchema();
  EXPECT_EQ(FindSchemaProblem(schema), std::nullopt);
  EXPECT_TRUE(IsTaggingSchema(schema));
  schema.vocabularies[2].names.pop_back();
  EXPECT_FALSE(IsTaggingSchema(schema));
  EXPECT_FALSE(IsTaggingSchema(Schema{}));
}

}  // namespace
}  // namespace lockstep
