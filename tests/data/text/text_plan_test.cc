// From files to ids and to the summary, without writing a corpus.
#include "data/text/text_plan.h"

#include "data/text/text_summary.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class TextPlanTest : public testing::Test {
 protected:
  TextPlanTest() { options_.out = folder_ / "corpus"; }

  void AddFile(DataSplit split, const std::string& name, const std::string& bytes) {
    Spill(folder_ / name, bytes);
    options_.files.push_back({split, {.path = folder_ / name}});
  }
  // The summary after all texts were encoded.
  TextSummary Summary(const TextPlan& plan) {
    TextSummary summary = SummaryOf(plan);
    SurveyedTexts texts(options_, plan.survey);
    for (SurveyedTexts::Text text; texts.Next(&text);) {
      AddText(plan.encoder.EncodeRuled(text.text), plan.encoder.unknown(),
              &summary.splits[static_cast<std::size_t>(text.row->split)]);
    }
    return summary;
  }

  TempFolder folder_;
  TextCorpusOptions options_;
};

TEST_F(TextPlanTest, TheVocabularyIsThatOfTheTrainingSplit) {
  AddFile(DataSplit::kTrain, "train", "1 a a b\n0 b c c c\n");
  AddFile(DataSplit::kTest, "test", "1 z z z z\n0 a d\n");
  const TextPlan plan = PlanTexts(options_);
  EXPECT_THAT(plan.words.names, ElementsAre("<unk>", "c", "a", "b"));
  EXPECT_EQ(plan.different_tokens, 3);
  EXPECT_THAT(plan.encoder.Encode("c z a b"), ElementsAre(1, 0, 2, 3));
}

TEST_F(TextPlanTest, WordsOfDrawnTestRowsAreNotSeen) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += fmt::format("{} word{}\n", i % 2, i);
  AddFile(DataSplit::kTrain, "train", text);
  options_.draw.test_fraction = 0.5;
  options_.vocabulary.min_count = 1;
  const TextPlan plan = PlanTexts(options_);
  EXPECT_EQ(plan.words.names.size(), 21u);
  const TextSummary summary = Summary(plan);
  EXPECT_EQ(summary.splits[2].unknown, 20);
  EXPECT_EQ(summary.splits[0].unknown, 0);
}

TEST_F(TextPlanTest, AGivenVocabularyIsTaken) {
  AddFile(DataSplit::kTrain, "train", "1 a\n0 b\n");
  Spill(folder_ / "words", "b\nq\n");
  options_.vocabulary_file = folder_ / "words";
  const TextPlan plan = PlanTexts(options_);
  EXPECT_THAT(plan.words.names, ElementsAre("<unk>", "b", "q"));
  EXPECT_EQ(plan.different_tokens, 0);
}

TEST_F(TextPlanTest, PiecesAreTrainedOnTheTrainingSplit) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += i % 2 == 0 ? "1 seven eleven\n" : "0 seventy even\n";
  AddFile(DataSplit::kTrain, "train", text);
  AddFile(DataSplit::kTest, "test", "1 qqqq\n");
  ParseTokens("sentencepiece:12", &options_);
  const TextPlan plan = PlanTexts(options_);
  EXPECT_EQ(plan.words.names.size(), 12u);
  EXPECT_THAT(plan.words.names, Not(Contains(HasSubstr("q"))));
  EXPECT_THAT(plan.encoder.Encode("seven even"), Not(Contains(0)));
  options_.pieces = 5000;
  ExpectError(ExitCode::kUsage, "cannot make 5000 SentencePiece units of the texts",
              [&] { PlanTexts(options_); });
  options_.pieces = 0;
  options_.piece_model = folder_ / "none.model";
  ExpectError(ExitCode::kMissingInput, "none.model", [&] { PlanTexts(options_); });
}

TEST_F(TextPlanTest, AVocabularyWithoutWordsIsRefused) {
  AddFile(DataSplit::kTrain, "train", "1 a\n0 b\n");
  options_.vocabulary.min_count = 5;
  ExpectError(ExitCode::kUsage, "give a smaller --min-count", [&] { PlanTexts(options_); });
}

TEST_F(TextPlanTest, TheSummaryCountsRowsTokensAndTextsThatAreInTrainingToo) {
  AddFile(DataSplit::kTrain, "train", "1 a a b\n0 b\n1 a\n");
  AddFile(DataSplit::kValid, "valid", "1 q\n");
  AddFile(DataSplit::kTest, "test", "1 a\n0 a\n0 b a q q\n");
  const TextSummary summary = Summary(PlanTexts(options_));
  EXPECT_THAT(summary.splits[0].rows, ElementsAre(1, 2));
  EXPECT_THAT(summary.splits[2].rows, ElementsAre(2, 1));
  EXPECT_EQ(summary.splits[2].in_train, 2);
  EXPECT_EQ(summary.splits[1].in_train, 0);
  EXPECT_EQ(summary.splits[2].tokens, 6);
  EXPECT_EQ(summary.splits[2].unknown, 2);
  EXPECT_EQ(summary.splits[2].longest, 4);
  const auto lines = SummaryLines(summary);
  EXPECT_THAT(lines, Contains("  class                       train        valid         test"));
  EXPECT_THAT(lines, Contains("  \"1\"                             2            1            1"));
  EXPECT_THAT(lines, Contains("  all                             3            1            3"));
  EXPECT_THAT(lines,
              Contains(HasSubstr("3 tokens have ids, the unknown one included, of 2 different")));
  EXPECT_THAT(lines, Contains("test: 6 tokens, 33.33 % of them unknown, 4 in the longest text"));
  const auto warnings = SummaryWarnings(summary);
  EXPECT_THAT(warnings,
              Contains(HasSubstr("2 of the 3 texts of the split \"test\" (66.7 %) are also")));
  EXPECT_THAT(warnings, Contains(HasSubstr("the id of unknown tokens is never trained")));
}

TEST_F(TextPlanTest, WarningsSayWhatWasLeftOutOrChanged) {
  options_.skip_empty = true;
  AddFile(DataSplit::kTrain, "train", "1 cafe\xCC\x81 rare\n\n0\n0 a\xC2\x96z caf\xC3\xA9\n");
  const auto warnings = SummaryWarnings(Summary(PlanTexts(options_)));
  EXPECT_THAT(warnings,
              ElementsAre(HasSubstr("50 % of the tokens of the split \"train\" are unknown"),
                          HasSubstr("1 rows without a text were left out"),
                          HasSubstr("1 blank lines were passed over"),
                          HasSubstr("1 texts were changed by Unicode composition"),
                          testing::AllOf(HasSubstr("train:4: U+0096"), HasSubstr("windows-1252"))));
}

}  // namespace
}  // namespace lockstep
