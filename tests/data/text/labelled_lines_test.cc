// Every format of labelled texts, and what is refused in each.
#include "data/text/labelled_lines.h"

#include "data/text/labelled_formats.h"
#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LabelledLinesTest : public testing::Test {
 protected:
  // "label|text" of each row, or "! problem".
  std::vector<std::string> Read(const std::string& bytes, const std::string& label = "") {
    Spill(path_, bytes);
    const auto reader = OpenLabelledLines({path_, label}, options_);
    std::vector<std::string> rows;
    sources_.clear();
    for (LabelledText row; reader->Next(&row);) {
      rows.push_back(row.problem.empty() ? row.label + "|" + row.text : "! " + row.problem);
      sources_.push_back(row.source.substr(folder_.path().size() + 1));
    }
    blank_lines_ = reader->blank_lines();
    description_ = reader->Description();
    return rows;
  }
  void ExpectRefused(const std::string& text, const std::string& bytes) {
    ExpectError(ExitCode::kUsage, text, [&] { Read(bytes); });
  }

  TempFolder folder_;
  std::string path_ = folder_ / "file";
  LabelledLinesOptions options_;
  std::vector<std::string> sources_;
  Index blank_lines_ = 0;
  std::string description_;
};

TEST_F(LabelledLinesTest, LabelAndRestOfTheLine) {
  EXPECT_THAT(Read("1 a fine film\n0  dull , dull .\n\n 1\tx\n"),
              ElementsAre("1|a fine film", "0|dull , dull .", "1|x"));
  EXPECT_THAT(sources_, ElementsAre("file:1", "file:2", "file:4"));
  EXPECT_EQ(blank_lines_, 1);
  EXPECT_EQ(description_, "label-first, a blank after the label");
}

TEST_F(LabelledLinesTest, LabelsOfFastText) {
  EXPECT_THAT(Read("__label__good a fine film\n__label__bad dull\n"),
              ElementsAre("good|a fine film", "bad|dull"));
  EXPECT_THAT(Read("__label__a x\n__label__a __label__b y\n"),
              ElementsAre("a|x", HasSubstr("file:2: the line has several labels")));
}

TEST_F(LabelledLinesTest, WhiteSpaceOfAnyKindAroundALabelIsNoPartOfIt) {
  EXPECT_THAT(Read("text\tlabel\na b\tx\u00A0\nc d\t\u3000 x\ne f\tx y\n"),
              ElementsAre("x|a b", "x|c d", "x y|e f"));
  EXPECT_THAT(Read("text\tlabel\na b\t\u00A0\n"), ElementsAre(HasSubstr("the row has no label")));
}

TEST_F(LabelledLinesTest, ColumnsBetweenSemicolonsAndBars) {
  EXPECT_THAT(Read("text;label\nfine, very fine;1\n\"dull; \"\"flat\"\"\";0\n"),
              ElementsAre("1|fine, very fine", "0|dull; \"flat\""));
  EXPECT_EQ(description_, "csv-semicolon with a header, text in column 1, label in column 2");
  EXPECT_THAT(Read("pos|a fine film\nneg|dull; flat\n"),
              ElementsAre("pos|a fine film", "neg|dull; flat"));
  EXPECT_EQ(description_, "csv-bar without a header, text in column 2, label in column 1");
  options_.format = "csv-semicolon";
  EXPECT_THAT(
      Read("text;label\na b;x\nc\n"),
      ElementsAre("x|a b", HasSubstr("the row has 1 columns, the first row of the file has 2")));
}

TEST_F(LabelledLinesTest, BadRowsUnderAUsualHeaderAreNamed) {
  EXPECT_THAT(
      Read("label,text\npos,a fine film\nneg,dull, dull\npos,fine\n"),
      ElementsAre("pos|a fine film", HasSubstr("file:3: the row has 3 columns"), "pos|fine"));
  ExpectError(ExitCode::kBadData, "file:3: the quote that opens a csv cell here is not closed",
              [&] { Read("label,text\npos,a fine film\nneg,\"dull\n"); });
}

TEST_F(LabelledLinesTest, WhatSpreadsheetsAddIsLeftOut) {
  EXPECT_THAT(Read("sep=;\nlabel;text;\npos;a fine film;\n;;\nneg;dull;\n;;\n"),
              ElementsAre("pos|a fine film", "neg|dull"));
  EXPECT_THAT(sources_, ElementsAre("file:3", "file:5"));
  EXPECT_EQ(blank_lines_, 2);
}

TEST_F(LabelledLinesTest, OtherSeparatorsAfterTheLabel) {
  options_.format = "label-first";
  options_.label_separator = "comma";
  EXPECT_THAT(Read("very good,fine, really\nbad ,dull\n"),
              ElementsAre("very good|fine, really", "bad|dull"));
  options_.label_separator = "tab";
  EXPECT_THAT(Read("very good\tfine film\n"), ElementsAre("very good|fine film"));
  options_.label_separator = "blank";
  EXPECT_THAT(Read("DESC:manner How did it go ?\n"), ElementsAre("DESC:manner|How did it go ?"));
}

TEST_F(LabelledLinesTest, TsvWithAHeaderInAnyOrder) {
  EXPECT_THAT(Read("idx\tsentence\tlabel\n0\ta fine film\t1\n1\tdull\t0\n"),
              ElementsAre("1|a fine film", "0|dull"));
  EXPECT_EQ(description_, "tsv with a header, text in column 2, label in column 3");
  EXPECT_THAT(Read("Class\tText\nbad\tdull\n"), ElementsAre("bad|dull"));
  EXPECT_THAT(sources_, ElementsAre("file:2"));
}

TEST_F(LabelledLinesTest, TsvWithoutAHeaderTakesTheColumnWithoutBlanksForTheLabel) {
  EXPECT_THAT(Read("Crust is not good.\t0\nGreat.\t1\n"),
              ElementsAre("0|Crust is not good.", "1|Great."));
  EXPECT_THAT(Read("bad\tCrust is not good.\ngood\tGreat.\n"),
              ElementsAre("bad|Crust is not good.", "good|Great."));
  EXPECT_EQ(description_, "tsv without a header, text in column 2, label in column 1");
}

TEST_F(LabelledLinesTest, ColumnsByNameOrNumber) {
  options_.text_column = "headline";
  options_.label_column = "topic";
  EXPECT_THAT(Read("topic\tdate\theadline\nsport\t1\twe won\n"), ElementsAre("sport|we won"));
  options_.text_column = "3";
  options_.label_column = "1";
  EXPECT_THAT(Read("sport\t1\twe won\n"), ElementsAre("sport|we won"));
  options_.header = "yes";
  EXPECT_THAT(Read("topic\tdate\theadline\nsport\t1\twe won\n"), ElementsAre("sport|we won"));
  options_ = {.label_column = "2"};
  EXPECT_THAT(Read("we won\tvery good\n"), ElementsAre("very good|we won"));
}

TEST_F(LabelledLinesTest, DoubtAboutColumnsIsRefusedWithTheOptionsToGive) {
  for (const char* doubtful : {"one two\tthree four\n", "one\ttwo\n", "a b\tc\td\n"}) {
    ExpectRefused("give --text-column and --label-column", doubtful);
  }
  ExpectRefused("looks like a header, but only the text column", "id\treview\tstars\n1\ta b\t5\n");
  ExpectRefused("2 columns with a usual name for labels", "text\tlabel\tclass\na b\t1\t2\n");
  options_.label_column = "topic";
  ExpectRefused("the header has no such column; its columns are: \"text\", \"label\"",
                "text\tlabel\na b\t1\n");
  options_.label_column = "3";
  ExpectRefused("--label-column is 3, but the first row has 2 columns", "text\tlabel\na b\t1\n");
  options_ = {.text_column = "1", .label_column = "1"};
  ExpectRefused("column 1 would be both text and label", "a b\tc\n");
  options_ = {.text_column = "text", .header = "no"};
  ExpectRefused("the file has no header (--header no)", "text\tlabel\na b\t1\n");
  options_ = {.text_column = "text"};
  ExpectRefused("the header has it twice", "text\ttext\tlabel\na b\tb\t1\n");
}

TEST_F(LabelledLinesTest, AWrongNumberOfColumnsIsAProblemOfTheRow) {
  options_.format = "tsv";
  EXPECT_THAT(
      Read("text\tlabel\na\t1\nb\nc\td\t1\ne\t0\n"),
      ElementsAre("1|a",
                  HasSubstr("file:3: the row has 1 columns, the first row of the file has 2"),
                  HasSubstr("file:4: the row has 3 columns"), "0|e"));
}

TEST_F(LabelledLinesTest, CsvWithQuotes) {
  EXPECT_THAT(Read("text,label\r\n\"fine, really\",1\r\n\"two\nlines\",0\r\nplain,1\r\n"),
              ElementsAre("1|fine, really", "0|two\nlines", "1|plain"));
  EXPECT_THAT(sources_, ElementsAre("file:2", "file:3", "file:5"));
  EXPECT_THAT(Read("good,\"fine, \"\"really\"\" fine\"\nbad,dull\n"),
              ElementsAre("good|fine, \"really\" fine", "bad|dull"));
}

TEST_F(LabelledLinesTest, JsonObjects) {
  EXPECT_THAT(Read("{\"text\": \"fine \\u00e9\", \"label\": 1}\n"
                   "{\"id\": 7, \"label\": \"bad\", \"text\": \"\"}\n"
                   "{\"label\": 4.0, \"text\": \"x\"}\n"
                   "{\"label\": 0.5, \"text\": \"x\"}\n"
                   "{\"label\": true, \"text\": \"x\"}\n"),
              ElementsAre("1|fine \xC3\xA9", "bad|", "4|x", "0.5|x", "true|x"));
  options_.text_column = "body_text";
  options_.label_column = "stars";
  EXPECT_THAT(Read("{\"body_text\": \"fine\", \"stars\": 5, \"text\": \"no\"}"),
              ElementsAre("5|fine"));
}

TEST_F(LabelledLinesTest, BadJsonIsAProblemOfTheRow) {
  EXPECT_THAT(
      Read("{\"text\": \"a\", \"label\": null}\n{\"text\": 5, \"label\": 1}\n{\"label\": 1}\n"
           "{\"text\": \"a\", \"label\": [1, 2]}\n{\"text\": \"a\", \"label\": 1\n"
           "{\"text\": \"a\", \"label\": \"\"}\n{\"text\": \"a\", \"sentence\": \"b\", \"label\": "
           "1}\n"
           "{\"text\": \"a\\u0000b\", \"label\": 1}\n{\"text\": \"\\ud800\", \"label\": 1}\n"
           "{\"text\": \"fine\", \"label\": 1}\n"),
      ElementsAre(HasSubstr("file:1: the label is \"null\", allowed are a string, a number"),
                  HasSubstr("file:2: the text is \"5\", allowed is a JSON string"),
                  HasSubstr("file:3: the object has 0 keys with a usual name for a text"),
                  HasSubstr("file:4: the label is \"[1,2]\""),
                  HasSubstr("file:5: the line is no JSON object"),
                  HasSubstr("file:6: the row has no label"),
                  HasSubstr("file:7: the object has 2 keys with a usual name for a text"),
                  HasSubstr("file:8: the text holds U+0000"),
                  HasSubstr("file:9: the line is no JSON object"), "1|fine"));
  EXPECT_THAT(
      Read("{\"text\": \"a\", \"label\": NaN}"),
      ElementsAre(HasSubstr("file:1: the line is no JSON object: column 24: JSON has no NaN")));
  EXPECT_THAT(Read("{\"text\": \"a\", \"label\": 12345678901234567890123}"),
              ElementsAre(HasSubstr("so large a number is not exact; write it in quotes")));
  EXPECT_THAT(Read("{\"label\": \"b\", \"text\": \"x\", \"label\": \"a\"}"),
              ElementsAre(HasSubstr("file:1: the line has \"label\" twice")));
  options_.label_column = "stars";
  EXPECT_THAT(
      Read("{\"text\": \"a\", \"label\": 1}"),
      ElementsAre(HasSubstr("has no key \"stars\" (--label-column); its keys are \"label\"")));
}

TEST_F(LabelledLinesTest, OneFilePerClass) {
  EXPECT_THAT(Read("a fine film\n\n1 more\n", "pos"), ElementsAre("pos|a fine film", "pos|1 more"));
  EXPECT_EQ(description_, "every line a text of class pos");
}

TEST_F(LabelledLinesTest, PackedFilesAndOtherEncodings) {
  EXPECT_THAT(Read(GzipBytes("1 fine\n0 dull\n")), ElementsAre("1|fine", "0|dull"));
  options_.encoding = "ISO-8859-1";
  EXPECT_THAT(Read("1 caf\xE9\n0 dull\n"), ElementsAre("1|caf\xC3\xA9", "0|dull"));
}

TEST_F(LabelledLinesTest, ABadByteIsAProblemOfItsRow) {
  std::string many;
  for (int i = 0; i < 1200; ++i) many += "1 fine\n";
  const auto rows = Read(many + "0 caf\xE9\n1 fine\n");
  ASSERT_EQ(rows.size(), 1202u);
  EXPECT_THAT(rows[1200], HasSubstr("file:1201: column 6 has the byte 0xe9"));
  EXPECT_EQ(sources_[1200], "file:1201");
  EXPECT_EQ(rows[1201], "1|fine");
}

TEST_F(LabelledLinesTest, AHeaderThatComesAgainIsAProblem) {
  EXPECT_THAT(Read("text,label\na film,pos\ntext,label\na play,neg\n"),
              ElementsAre("pos|a film", HasSubstr("file:3: the row is the header once more"),
                          "neg|a play"));
  EXPECT_EQ(Read("text,label\na film,pos\ntext,neg\n")[1], "neg|text");
}

TEST_F(LabelledLinesTest, LabelsThatCannotBeLabelsAreProblems) {
  options_.format = "tsv";
  options_.text_column = "1";
  options_.label_column = "2";
  EXPECT_THAT(Read("fine\t\nfine\t " + std::string(300, 'x') + "\nfine\ta\xE2\x80\x8Bz\n"),
              ElementsAre(HasSubstr("file:1: the row has no label"),
                          HasSubstr("has 300 bytes, allowed are 256"),
                          HasSubstr("the label \"a<U+200B>z\" holds U+200B")));
}

TEST_F(LabelledLinesTest, AFormatInDoubtIsRefused) {
  ExpectRefused(
      "show no format of labelled texts; name the format with --format (tsv, csv, csv-semicolon, "
      "csv-bar, jsonl",
      "I like it\nIt was dull\n");
  ExpectRefused("begins with \"[\" like a JSON list", "[{\"text\": \"a\", \"label\": 1}]\n");
  ExpectRefused("that it may be label-first or csv", "5 stars,good\n1 star,bad\n");
  for (const char* empty : {"", "\n  \n"}) {
    ExpectError(ExitCode::kBadData, "holds no text at all", [&] { Read(empty); });
  }
  ExpectError(ExitCode::kMissingInput, "cannot open",
              [&] { OpenLabelledLines({.path = folder_ / "none"}, {}); });
}

TEST_F(LabelledLinesTest, AllWrongOptionsAreToldTogether) {
  options_ = {.format = "xls", .encoding = "latin-99", .header = "maybe", .label_separator = "dot"};
  for (const char* part :
       {"--format is \"xls\", allowed are auto, tsv, csv, csv-semicolon, csv-bar, jsonl, "
        "label-first",
        "--header is \"maybe\"", "--label-separator is \"dot\"", "--encoding is \"latin-99\""}) {
    ExpectRefused(part, "1 a\n");
  }
}

}  // namespace
}  // namespace lockstep
