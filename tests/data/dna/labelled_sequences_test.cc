#include "data/dna/labelled_sequences.h"

#include <gtest/gtest.h>

#include "data/text/text_corpus.h"
#include "data/text/text_survey.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class LabelledSequences : public testing::Test {
 protected:
  void Give(const std::string& bytes, const std::string& label = "") {
    const std::string path = folder_ / ("file" + std::to_string(options_.files.size()));
    Spill(path, bytes);
    options_.files.push_back({DataSplit::kTrain, {path, label}});
  }
  // "class BASES" of each row, in the order of the files.
  std::vector<std::string> Rows() {
    ForSequences(&options_);
    const TextSurvey survey = SurveyTexts(options_, Tokenizer(options_.tokens));
    SurveyedTexts texts(options_, survey);
    std::vector<std::string> rows;
    for (SurveyedTexts::Text text; texts.Next(&text);)
      rows.push_back(survey.classes[static_cast<std::size_t>(text.row->label)] + " " + text.text);
    return rows;
  }
  void ExpectRefused(const std::string& message) {
    ExpectError(ExitCode::kBadData, message, [&] { Rows(); });
  }
  using Texts = std::vector<std::string>;

  TempFolder folder_;
  TextCorpusOptions options_;
};

TEST_F(LabelledSequences, AreReadFromFastaWithLabelsInTheHeaders) {
  Give(">a label=EI\nACG\nT\n>b  class=IE more words\nacgu\n>c\tEI\r\nNRY\r\n");
  EXPECT_EQ(Rows(), (Texts{"EI ACGT", "IE ACGT", "EI NNN"}));
}

TEST_F(LabelledSequences, AreReadFromOneFastaFilePerClass) {
  Give(">a\nACG\n>b\nT\n", "one");
  Give(">c anything here\nGG\n", "two");
  EXPECT_EQ(Rows(), (Texts{"one ACG", "one T", "two GG"}));
}

TEST_F(LabelledSequences, AreReadFromTables) {
  Give("name,sequence,label\nx,AC GT,EI\ny,nnUu,IE\n");
  EXPECT_EQ(Rows(), (Texts{"EI ACGT", "IE NNTT"}));
}

TEST_F(LabelledSequences, ALetterThatIsNoBaseIsNamed) {
  Give("label,sequence\nEI,ACGT\nIE,AC-T\n");
  ExpectRefused("file0:3: letter 3 of the sequence, \"-\", is no base; allowed are A C G T U");
}

TEST_F(LabelledSequences, ABadLetterInFastaEndsTheReadingOfTheFile) {
  Give(">a label=EI\nACGT\n>b label=IE\nACJT\n>c label=IE\nAC\n");
  ExpectRefused("file0:4: column 3: \"J\" is no base");
}

TEST_F(LabelledSequences, ARecordWithoutALabelIsNamed) {
  Give(">a label=EI\nACGT\n>b\nAC\n");
  ExpectRefused("file0:3: the record has no label; write \">NAME label=CLASS\"");
}

TEST_F(LabelledSequences, AHeaderOfSeveralWordsIsNoLabel) {
  Give(">a label=EI\nACGT\n>b Homo sapiens\nAC\n");
  ExpectRefused("file0:3: the record has no label");
}

TEST_F(LabelledSequences, ARecordWithoutASequenceIsRefused) {
  Give(">a label=EI\nACGT\n>b label=IE\n>c label=IE\nAC\n");
  ExpectRefused("file0:3: record \"b\" has no sequence");
}

TEST_F(LabelledSequences, MakeACorpusWhoseSymbolsAreTheBases) {
  Give(">a label=EI\nACGT\n>b label=IE\nNACGT\n");
  options_.out = folder_ / "corpus";
  ForSequences(&options_);
  const CorpusInfo info = PrepareLabelledText(options_).info;
  EXPECT_EQ(info.kind, "dna");
  EXPECT_EQ(info.schema.unit, "bases");
  EXPECT_EQ(info.symbols(), (Texts{"A", "C", "G", "T", "N"}));
  EXPECT_EQ(info.classes(), (Texts{"EI", "IE"}));
  EXPECT_EQ(info.Split("train").steps, 9);
}

}  // namespace
}  // namespace lockstep
