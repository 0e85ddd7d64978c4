#include "data/translation/pair_encoder.h"

#include "tests/data/translation/word_pairs.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

using testing::ElementsAre;

const TokenizerOptions kWords = {};  // punctuation stays with its word

Schema SchemaOf(const Vocabulary& source, const Vocabulary& target) {
  Schema schema;
  schema.vocabularies = {source, target};
  schema.fields = {{.name = "inputs", .type = ElementType::kInt32, .vocabulary = 0},
                   {.name = "targets",
                    .type = ElementType::kInt32,
                    .alignment = Alignment::kOwnSteps,
                    .role = FieldRole::kTarget,
                    .vocabulary = 1}};
  return schema;
}

TEST(PairEncoder, SequencesEndWithTheirEnd) {
  const PairEncoder encoder = WordPairs(kWords);
  EXPECT_THAT(encoder.SourceIds("a dog runs"), ElementsAre(1, 2, 0, 3));
  EXPECT_THAT(encoder.TargetIds("ein Hund"), ElementsAre(1, 2, 5));
  EXPECT_THAT(encoder.SourceIds(""), ElementsAre(3));
}

TEST(PairEncoder, TheEndSpelledInATextIsUnknown) {
  EXPECT_THAT(WordPairs(kWords).SourceIds("a </s> dog"), ElementsAre(1, 0, 2, 3));
}

TEST(PairEncoder, TheEndIsReadBeforeTheFirstTarget) {
  const PairEncoder encoder = WordPairs(kWords);
  EXPECT_EQ(encoder.target_words().start, encoder.target_words().end);
}

TEST(PairEncoder, TextIsJoinedByItsTokenizer) {
  const std::vector<std::int32_t> ids = {1, 2, 3, 1, 4};
  EXPECT_EQ(WordPairs(kWords).TargetText(ids), "ein Hund , ein .");
  EXPECT_EQ(WordPairs({TokenKind::kWords, true}).TargetText(ids), "ein Hund, ein.");
  EXPECT_EQ(WordPairs({TokenKind::kCharacters}).TargetText(ids), "einHund,ein.");
  EXPECT_EQ(WordPairs(kWords).TargetText({}), "");
}

TEST(PairEncoder, SurvivesItsJson) {
  const PairEncoder encoder = WordPairs({TokenKind::kWords, true});
  const Schema schema = SchemaOf(encoder.source_words(), encoder.target_words());
  const PairEncoder again = PairEncoder::FromTask(encoder.TaskJson(), schema, "test");
  EXPECT_EQ(again.TaskJson(), encoder.TaskJson());
  EXPECT_EQ(again.TargetIds("ein Hund."), encoder.TargetIds("ein Hund."));
  EXPECT_FALSE(again.shared());
}

TEST(PairEncoder, DamagedSettingsAreRefused) {
  const PairEncoder encoder = WordPairs(kWords);
  Schema schema = SchemaOf(encoder.source_words(), encoder.target_words());
  const auto read = [&](const std::string& task) { PairEncoder::FromTask(task, schema, "c.json"); };
  ExpectError(ExitCode::kBadData, "c.json: holds no settings", [&] { read("[]"); });
  ExpectError(ExitCode::kBadData, "has no \"shared\"", [&] { read("{}"); });
  schema.vocabularies[1].end = -1;
  ExpectError(ExitCode::kBadData, "\"target\" has no id for the end",
              [&] { read(encoder.TaskJson()); });
  schema.fields[1].alignment = Alignment::kSequence;
  ExpectError(ExitCode::kBadData, "holds no settings", [&] { read(encoder.TaskJson()); });
}

}  // namespace
}  // namespace lockstep
