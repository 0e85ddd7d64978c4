#include "data/tagging/tagged_sentences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using Words = std::vector<std::string>;

class TaggedSentencesTest : public testing::Test {
 protected:
  std::vector<TaggedSentence> Read(const std::string& text, const TaggedFileOptions& options = {}) {
    Spill(folder_ / "words", text);
    const auto file = OpenTaggedSentences(folder_ / "words", options);
    std::vector<TaggedSentence> sentences;
    for (TaggedSentence next; file->Next(&next);) sentences.push_back(next);
    return sentences;
  }
  // All problems of a text, without the folder.
  std::string Problems(const std::string& text, const TaggedFileOptions& options = {}) {
    std::string all;
    for (const TaggedSentence& sentence : Read(text, options)) {
      for (const std::string& problem : sentence.problems)
        all += problem.substr(folder_.path().size() + 1) + "\n";
    }
    return all;
  }

  TempFolder folder_;
};

TEST_F(TaggedSentencesTest, BlankLinesEndSentencesAlsoThoseWithATab) {
  const auto found = Read("Ann\tB\nruns\tO\n\t\n\n \nhere\tO\n");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].tokens, (Words{"Ann", "runs"}));
  EXPECT_EQ(found[0].tags, (Words{"B", "O"}));
  EXPECT_EQ(found[1].lines, (std::vector<Index>{6}));
}

TEST_F(TaggedSentencesTest, ColumnsMayBeSeparatedByBlanksAndTagsStandAnywhere) {
  const auto found = Read("Ann  NNP B-NP  B-PER\r\nruns VBZ B-VP O\r\n", {.tag_column = 2});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].tags, (Words{"NNP", "VBZ"}));
}

TEST_F(TaggedSentencesTest, WithTabsBlanksBelongToTheWord) {
  EXPECT_EQ(Read("New York\tB-LOC\n")[0].tokens, (Words{"New York"}));
}

// The lines of CoNLL-U, in which the number of the word stands first.
TEST_F(TaggedSentencesTest, CommentsBeforeASentenceArePassedOver) {
  const auto found = Read(
      "# sent_id = 1\n# text = the # cat\n1\tthe\tDT\n2\t#\tSYM\n3\tcat\tNN\n\n# a b\n1\tit\tPRP\n",
      {.word_column = 2});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].tokens, (Words{"the", "#", "cat"}));
  EXPECT_EQ(found[0].lines, (std::vector<Index>{3, 4, 5}));
  EXPECT_EQ(found[1].tags, (Words{"PRP"}));
  EXPECT_EQ(Problems("# sent_id = 1\n1\tthe\tDT\n", {.word_column = 2}), "");
}

TEST_F(TaggedSentencesTest, ALineOfTheColumnsOfWordsIsNoComment) {
  EXPECT_EQ(Read("the DT\n\n# SYM\n1 CD\n")[1].tokens, (Words{"#", "1"}));
  EXPECT_EQ(Read("the DT\n\n# a comment of many words\n1 CD\n")[1].tokens, (Words{"1"}));
}

TEST_F(TaggedSentencesTest, MarksBeginDocumentsAndEndSentences) {
  const auto found = Read("-DOCSTART- -X- O\n\na - O\n-DOCSTART- -X- O\nb - O\n\nc - O\n");
  ASSERT_EQ(found.size(), 3U);
  EXPECT_TRUE(found[0].begins_document);
  EXPECT_TRUE(found[1].begins_document);
  EXPECT_FALSE(found[2].begins_document);
  EXPECT_EQ(found[1].tokens, (Words{"b"}));
}

TEST_F(TaggedSentencesTest, JsonLinesAreFoundOut) {
  const auto found = Read("{\"tokens\": [\"a\", \"b c\"], \"tags\": [\"O\", \"B\"]}\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].tokens, (Words{"a", "b c"}));
  EXPECT_EQ(found[0].tags, (Words{"O", "B"}));
}

TEST_F(TaggedSentencesTest, CaseBecomesTheTagsOfPlainText) {
  const auto found = Read("The  \u00C9mile of\tIBM\n \t\n\r\niPhone 4s .\n", {.format = "case"});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].tokens, (Words{"the", "\u00E9mile", "of", "ibm"}));
  EXPECT_EQ(found[0].tags, (Words{"capitalised", "capitalised", "lower", "upper"}));
  EXPECT_EQ(found[1].tokens, (Words{"iphone", "4s", "."}));
  EXPECT_EQ(found[1].tags, (Words{"mixed", "alphanumeric", "punctuation"}));
  EXPECT_EQ(found[1].lines, (std::vector<Index>{4, 4, 4}));
}

TEST_F(TaggedSentencesTest, PlainTextOfOneLongLineOrBadBytesIsNamed) {
  std::string text;
  for (std::size_t i = 0; i <= TaggedSentences::kMostTokens + 1; ++i) text += "a ";
  EXPECT_EQ(Problems(text + "\nb\n", {.format = "case"}),
            "words:1: the line has more than 65536 words; it must be one sentence or paragraph\n");
  EXPECT_THAT(Problems("a\nb\xE9\n", {.format = "case"}), testing::HasSubstr("words:2"));
  EXPECT_THAT(Problems(std::string("a\0b\n", 4), {.format = "case"}),
              testing::HasSubstr("words:1"));
}

TEST_F(TaggedSentencesTest, GzipIsRead) { EXPECT_EQ(Read(GzipBytes("a\tO\n\nb\tO\n")).size(), 2U); }

TEST_F(TaggedSentencesTest, WordsAloneNeedNoTag) {
  const auto found = Read("a\nb O\n", {.format = "columns", .has_tags = false});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].tokens, (Words{"a", "b"}));
  EXPECT_TRUE(found[0].tags.empty());
}

TEST_F(TaggedSentencesTest, MissingColumnsAreNamed) {
  const std::string problems = Problems("a\tO\nb\nc\tx\tO\n\nd\tO\n");
  EXPECT_THAT(problems, testing::HasSubstr("words:2: the line has 1 of the 2 columns"));
  EXPECT_THAT(problems, testing::HasSubstr("words:3: the line has 3 columns, those before have 2"));
  EXPECT_THAT(Problems("a O\n", {.tag_column = 4}), testing::HasSubstr("its tag in column 4"));
}

TEST_F(TaggedSentencesTest, EmptyWordsAndTagsAreNamed) {
  EXPECT_THAT(Problems("\tO\n"), testing::HasSubstr("words:1: the word is empty"));
  EXPECT_THAT(Problems("a\t\n"), testing::HasSubstr("words:1: the tag is empty"));
}

// A tag becomes a class, whose name is shown; a word with such a sign is only data.
TEST_F(TaggedSentencesTest, ControlCharactersInTagsAreNamed) {
  EXPECT_THAT(Problems("a\tO\nb\tB-\x1b[2J\n"),
              testing::HasSubstr("words:2: the tag \"B-<U+001B>[2J\" has a control character"));
  EXPECT_THAT(Problems("{\"tokens\": [\"a\"], \"tags\": [\"B-\\u009b\"]}\n"),
              testing::HasSubstr("words:1: the tag \"B-<U+009B>\""));
  EXPECT_EQ(Read("a\x1b\tO\n").size(), 1U);
  EXPECT_EQ(Read("a\tB-\u00e4\u200c\n").size(), 1U) << "a joiner is a part of words";
}

TEST_F(TaggedSentencesTest, BytesThatAreNoUtf8AreNamedWithLineAndByte) {
  const std::string problems = Problems("a\tO\nb\xE9\tO\n\nc\tO\n");
  EXPECT_THAT(problems, testing::HasSubstr("words:2"));
  EXPECT_THAT(problems, testing::HasSubstr("the byte 0xe9"));
}

TEST_F(TaggedSentencesTest, BadJsonIsNamed) {
  EXPECT_THAT(Problems("{\"tokens\": [\"a\"], \"tags\": []}\n"),
              testing::HasSubstr("words:1: there are 1 tokens and 0 tags"));
  EXPECT_THAT(Problems("{\"tokens\": [\"a\"], \"tags\": [1]}\n"),
              testing::HasSubstr("a list of texts \"tags\""));
  EXPECT_THAT(Problems("{\"tokens\": [\"a\"\n"), testing::HasSubstr("no JSON object"));
  EXPECT_THAT(Problems("{\"tokens\": [\"a\"], \"tags\": [\"O\"], \"tokens\": [\"b\"]}\n"),
              testing::HasSubstr("the line has \"tokens\" twice"));
  EXPECT_THAT(Problems("{\"tokens\": [], \"tags\": []}\n"), testing::HasSubstr("there are 0"));
}

TEST_F(TaggedSentencesTest, AFileWithoutBlankLinesIsRefusedAndNotHeldInMemory) {
  std::string text;
  for (std::size_t i = 0; i <= TaggedSentences::kMostTokens; ++i) text += "a\tO\n";
  EXPECT_THAT(Problems(text), testing::HasSubstr("words:65536: the sentence has more than"));
}

TEST_F(TaggedSentencesTest, FormatsThatAreNoneAndMissingFilesAreRefused) {
  Spill(folder_ / "words", "a O\n");
  ExpectError(ExitCode::kUsage, "columns, jsonl and case",
              [&] { OpenTaggedSentences(folder_ / "words", {.format = "xml"}); });
  ExpectError(ExitCode::kMissingInput, "none",
              [&] { OpenTaggedSentences(folder_ / "none", {.format = "columns"}); });
}

}  // namespace
}  // namespace lockstep
