#include "data/text/text_survey.h"

#include <map>
#include <set>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;

class TextSurveyTest : public testing::Test {
 protected:
  void AddFile(DataSplit split, const std::string& name, const std::string& bytes,
               const std::string& label = "") {
    Spill(folder_ / name, bytes);
    options_.files.push_back({split, {folder_ / name, label}});
  }
  TextSurvey Survey() { return SurveyTexts(options_, Tokenizer(options_.tokens)); }
  void ExpectBad(const std::string& message) {
    ExpectError(ExitCode::kBadData, message, [&] { Survey(); });
  }

  TempFolder folder_;
  TextCorpusOptions options_;
};

TEST_F(TextSurveyTest, ClassesAreOrderedByNumberOrByBytes) {
  AddFile(DataSplit::kTrain, "train", "10 a\n9 b\n-1 c\n9 d\n");
  const TextSurvey survey = Survey();
  EXPECT_THAT(survey.classes, ElementsAre("-1", "9", "10"));
  EXPECT_THAT(survey.files, ElementsAre("label-first, a blank after the label"));
  std::vector<std::int32_t> labels;
  for (const SurveyedRow& row : survey.rows) labels.push_back(row.label);
  EXPECT_THAT(labels, ElementsAre(2, 1, 0, 1));
  options_.files.clear();
  AddFile(DataSplit::kTrain, "named", "__label__b x\n__label__10 y\n__label__B z\n");
  EXPECT_THAT(Survey().classes, ElementsAre("10", "B", "b"));
}

// Each text twice, once with more blanks.
TEST_F(TextSurveyTest, TextsThatDifferInBlanksAloneAreDrawnForOneSplit) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += fmt::format("{0} text n{1}\n{0}  text   n{1} \n", i % 2, i);
  AddFile(DataSplit::kTrain, "train", text);
  options_.draw = {.valid_fraction = 0.2, .test_fraction = 0.2};
  std::map<std::uint64_t, std::set<DataSplit>> splits;
  for (const SurveyedRow& row : Survey().rows) splits[row.text_hash].insert(row.split);
  EXPECT_EQ(splits.size(), 100U);
  for (const auto& [hash, of_text] : splits) EXPECT_EQ(of_text.size(), 1U);
}

TEST_F(TextSurveyTest, ClassesAreComposedAsTextsAre) {
  AddFile(DataSplit::kTrain, "train", "text,label\na,caf\u00e9\nb,cafe\u0301\nc,bar\n");
  EXPECT_THAT(Survey().classes, ElementsAre("bar", "caf\u00e9"));
  options_.classes = {"bar", "cafe\u0301", "caf\u00e9"};
  EXPECT_EQ(Survey().Count(DataSplit::kTrain, 1), 1);
}

TEST_F(TextSurveyTest, FilesAreTheSplitsTheyAreGivenFor) {
  AddFile(DataSplit::kTrain, "train", "1 a\n0 b\n\n1 c\n");
  AddFile(DataSplit::kValid, "valid", "1 d\n");
  AddFile(DataSplit::kTest, "test", "0 e\n0 f\n");
  const TextSurvey survey = Survey();
  EXPECT_EQ(survey.Count(DataSplit::kTrain, 1), 2);
  EXPECT_EQ(survey.Count(DataSplit::kValid, 1), 1);
  EXPECT_EQ(survey.Count(DataSplit::kTest, 0), 2);
  EXPECT_EQ(survey.blank_lines, 1);
}

TEST_F(TextSurveyTest, OneFilePerClass) {
  AddFile(DataSplit::kTrain, "rt.pos", "fine\nfiner\n", "pos");
  AddFile(DataSplit::kTrain, "rt.neg", "dull\n", "neg");
  const TextSurvey survey = Survey();
  EXPECT_THAT(survey.classes, ElementsAre("neg", "pos"));
  EXPECT_EQ(survey.Count(DataSplit::kTrain, 1), 2);
}

TEST_F(TextSurveyTest, SplitsAreDrawnFromTheTrainingFiles) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += fmt::format("{} text {}\n", i % 2, i);
  AddFile(DataSplit::kTrain, "train", text);
  options_.draw = {.valid_fraction = 0.1, .folds = 10, .fold = 3};
  const TextSurvey survey = Survey();
  for (const std::int32_t label : {0, 1}) {
    EXPECT_EQ(survey.Count(DataSplit::kTest, label), 5);
    EXPECT_EQ(survey.Count(DataSplit::kValid, label), 5);  // 4.5, rounded
    EXPECT_EQ(survey.Count(DataSplit::kTrain, label), 40);
  }
}

TEST_F(TextSurveyTest, EqualTextsGoToTheSameSplit) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += fmt::format("{} text {}\n", i % 2, i / 2 % 25);
  AddFile(DataSplit::kTrain, "train", text);
  options_.draw = {.valid_fraction = 0.2, .folds = 5, .fold = 2};
  std::map<std::uint64_t, std::set<DataSplit>> splits_of;
  for (const SurveyedRow& row : Survey().rows) splits_of[row.text_hash].insert(row.split);
  EXPECT_EQ(splits_of.size(), 25u);
  for (const auto& [hash, splits] : splits_of) EXPECT_EQ(splits.size(), 1u);
}

TEST_F(TextSurveyTest, AllBadRowsAreToldTogether) {
  options_.lines.format = "tsv";
  options_.lines.text_column = "1";
  options_.lines.label_column = "2";
  std::string text = "fine\t1\ndull\nx\t0\n\t1\n";
  for (int i = 0; i < 30; ++i) text += "short\n";
  AddFile(DataSplit::kTrain, "train", text);
  ExpectBad("32 rows are bad, and no corpus was made");
  ExpectBad("train:2: the row has 1 columns");
  ExpectBad("train:4: the row has no text; write one, remove the row, or give --skip-empty");
  ExpectBad("and 12 more");
}

TEST_F(TextSurveyTest, EmptyTextsAreLeftOutWhenAskedAndCounted) {
  options_.skip_empty = true;
  AddFile(DataSplit::kTrain, "train", "1 fine\n0 dull\n1\n0 \xC2\xA0\n1 good\n");
  const TextSurvey survey = Survey();
  EXPECT_EQ(survey.empty, 2);
  EXPECT_EQ(survey.rows.size(), 3u);
  EXPECT_EQ(survey.rows[2].line, 5u);
}

TEST_F(TextSurveyTest, AClassThatOnlyTheOthersHaveIsNamed) {
  AddFile(DataSplit::kTrain, "train", "1 fine\n0 dull\n");
  AddFile(DataSplit::kTest, "test", "1 fine\n2 so so\n2 well\n");
  ExpectBad("test:2: the class \"2\" is in no training file");
  ExpectBad("remove its 2 rows");
}

TEST_F(TextSurveyTest, GivenClassesRuleOrderAndRows) {
  AddFile(DataSplit::kTrain, "train", "1 fine\n0 dull\n");
  options_.classes = {"1", "0"};
  EXPECT_THAT(Survey().classes, ElementsAre("1", "0"));
  options_.classes = {"0", "2", "1"};
  ExpectBad("the class \"2\" has no sample in the training split");
  options_.classes = {"0", "2"};
  ExpectBad("train:1: the class \"1\" is not among those of --classes");
}

TEST_F(TextSurveyTest, AClassWhoseSamplesWereAllDrawnIsNamed) {
  AddFile(DataSplit::kTrain, "train", "0 a\n0 b\n0 c\n0 d\n1 e\n");
  options_.draw.valid_fraction = 0.5;
  ExpectBad("the class \"1\" has no sample in the training split, because all of its few samples");
}

TEST_F(TextSurveyTest, OneClassIsNoClassifier) {
  AddFile(DataSplit::kTrain, "train", "1 fine\n1 dull\n");
  ExpectBad("train:1: all training texts have the class \"1\"");
}

TEST_F(TextSurveyTest, AHeaderWithUnusualNamesIsFound) {
  AddFile(DataSplit::kTrain, "train",
          "headline\ttopic\nwe won\tsport\nit rains\tweather\nit snows\tweather\n");
  ExpectBad("train:1: the class \"topic\" has this sample alone, and it is the first row");
  options_.lines.header = "no";
  EXPECT_THAT(Survey().classes, ElementsAre("sport", "topic", "weather"));
  options_.lines.header = "yes";
  options_.lines.text_column = "1";
  options_.lines.label_column = "2";
  EXPECT_THAT(Survey().classes, ElementsAre("sport", "weather"));
}

TEST_F(TextSurveyTest, TextsTakenForLabelsAreFound) {
  options_.lines.format = "tsv";
  options_.lines.text_column = "2";
  options_.lines.label_column = "1";
  std::string text;
  for (std::size_t i = 0; i < 65538; ++i) text += fmt::format("text {}\tx\n", i);
  AddFile(DataSplit::kTrain, "train", text);
  ExpectBad("train:65537: with \"text 65536\" the labels have more than 65536 different values");
}

TEST_F(TextSurveyTest, WhatWasChangedOrCannotBeSeenIsCounted) {
  AddFile(DataSplit::kTrain, "train", "1 cafe\xCC\x81\n0 a\xE2\x80\x8B z\n1 so\xC2\x85\n");
  const TextSurvey survey = Survey();
  EXPECT_EQ(survey.composed, 1);
  EXPECT_EQ(survey.invisible, 2);
  EXPECT_THAT(survey.first_invisible, testing::EndsWith("train:2: U+200B"));
  EXPECT_TRUE(survey.c1_controls);
}

TEST_F(TextSurveyTest, RowsAreReadAgainByTheRules) {
  options_.rules.lower_case = true;
  options_.skip_empty = true;
  AddFile(DataSplit::kTrain, "train", "1 FINE\n0\n0 Dull\n");
  AddFile(DataSplit::kTest, "test", "0 So\n");
  const TextSurvey survey = Survey();
  SurveyedTexts texts(options_, survey);
  std::vector<std::string> read;
  for (SurveyedTexts::Text text; texts.Next(&text);) {
    read.push_back(fmt::format("{}:{}", text.row->line, text.text));
  }
  EXPECT_THAT(read, ElementsAre("1:fine", "3:dull", "1:so"));
}

TEST_F(TextSurveyTest, AFileThatChangesInBetweenIsRefused) {
  AddFile(DataSplit::kTrain, "train", "1 fine\n0 dull\n");
  const TextSurvey survey = Survey();
  for (const char* changed : {"1 fine\n0 dulL\n", "1 fine\n", "1 fine\n\n0 dull\n"}) {
    Spill(folder_ / "train", changed);
    SurveyedTexts texts(options_, survey);
    SurveyedTexts::Text text;
    EXPECT_TRUE(texts.Next(&text));
    ExpectError(ExitCode::kBadData, "train:2: the file changed while it was imported",
                [&] { texts.Next(&text); });
  }
}

}  // namespace
}  // namespace lockstep
