#include "worker/decode/word_list.h"

#include <gtest/gtest.h>

#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

const std::vector<std::string> kLabels = {"<blank>", " ", "a", "b", "c", "\u00fc", "ab"};

WordList ReadText(const std::string& text) {
  const TempFolder folder;
  Spill(folder / "words", text);
  return WordList::Read(folder / "words", kLabels);
}

std::vector<std::string> WordsSpelt(const WordList& list, const std::vector<Index>& labels) {
  WordList::Node node = WordList::kRoot;
  for (const Index label : labels) {
    node = list.Child(node, label);
    if (node == WordList::kNone) return {"none"};
  }
  std::vector<std::string> words;
  for (const Index word : list.WordsAt(node)) words.push_back(list.word(word));
  return words;
}

using Names = std::vector<std::string>;

TEST(WordList, FollowsWordsLabelByLabel) {
  const WordList list = ReadText("cb\ncba\n\n  c\u00fc  \n");
  EXPECT_EQ(list.words(), 3);
  EXPECT_EQ(WordsSpelt(list, {4}), Names{});
  EXPECT_EQ(WordsSpelt(list, {4, 3}), Names{"cb"});
  EXPECT_EQ(WordsSpelt(list, {4, 3, 2}), Names{"cba"});
  EXPECT_EQ(WordsSpelt(list, {4, 5}), Names{"c\u00fc"});
  EXPECT_EQ(WordsSpelt(list, {2}), Names{"none"});
}

TEST(WordList, ASpellingMayBeGiven) {
  const WordList list = ReadText("apple\ta b\nable a b\napple c\n");
  EXPECT_EQ(WordsSpelt(list, {2, 3}), (Names{"apple", "able"}));
  EXPECT_EQ(WordsSpelt(list, {4}), Names{"apple"});
}

TEST(WordList, TheLongestLabelThatFitsIsTaken) {
  const WordList list = ReadText("abc\n");
  EXPECT_EQ(WordsSpelt(list, {6, 4}), Names{"abc"});
  EXPECT_EQ(WordsSpelt(list, {2}), Names{"none"});
}

TEST(WordList, MayBeCompressed) {
  EXPECT_EQ(WordsSpelt(ReadText(GzipBytes("cb\n")), {4, 3}), Names{"cb"});
}

TEST(WordList, WhatCannotBeSpeltIsLeftOutAndCounted) {
  const WordList list = ReadText("cb\ncx\n\nx a\nword a x\nword <blank>\n");
  EXPECT_EQ(list.words(), 2);
  EXPECT_EQ(list.left_out().lines, 5);
  EXPECT_EQ(list.left_out().words, 3);
  EXPECT_EQ(list.left_out().example, "line 2: \"cx\": no label of the model fits \"x\"");
  EXPECT_EQ(ReadText("cb\nword a x\n").left_out().example,
            "line 2: \"word\": \"x\" is no label of the model; it has 6 labels beside the blank");
}

TEST(WordList, AListThatCannotBeSpeltAtAllIsRefused) {
  ExpectError(
      ExitCode::kBadData,
      "words: none of its 2 words can be spelt by the model's labels; on line 1: \"CB\": no "
      "label of the model fits \"CB\"",
      [] { ReadText("CB\nA\n"); });
}

TEST(WordList, ASeparatorAtTheEndsOfASpellingIsLeftOut) {
  const std::vector<std::string> labels = {"<blank>", "a", "b", "|"};
  const TempFolder folder;
  Spill(folder / "words", "ab a b |\nba | b a | |\nb b\na_b a | b\n");
  const WordList list = WordList::Read(folder / "words", labels);
  EXPECT_EQ(WordsSpelt(list, {1, 2}), Names{"ab"});
  EXPECT_EQ(WordsSpelt(list, {2, 1}), Names{"ba"});
  EXPECT_EQ(WordsSpelt(list, {2}), Names{"b"});
  EXPECT_EQ(list.left_out().words, 1);
  EXPECT_EQ(list.left_out().example,
            "line 4: \"a_b\": \"|\" is the label between words, and no part of a word");
}

TEST(WordList, WordsOfPiecesBeginWithAMark) {
  const std::vector<std::string> labels = {"<blank>", "\u2581a", "b", "\u2581"};
  const TempFolder folder;
  Spill(folder / "words", "ab\n\u2581a\nbb\nxb b b\nab2 \u2581a b b\n");
  const WordList list = WordList::Read(folder / "words", labels);
  EXPECT_EQ(WordsSpelt(list, {1, 2}), Names{"ab"});
  EXPECT_EQ(WordsSpelt(list, {1}), Names{"\u2581a"});
  EXPECT_EQ(WordsSpelt(list, {3, 2, 2}), Names{"bb"});
  EXPECT_EQ(list.left_out().words, 1);
  EXPECT_EQ(WordsSpelt(list, {1, 2, 2}), Names{"ab2"});
}

TEST(WordList, DoubleWordsAndEmptyListsAreRefused) {
  ExpectError(ExitCode::kBadData, "words:3: cb stands in the list twice",
              [] { ReadText("cb\na\ncb c b\n"); });
  ExpectError(ExitCode::kBadData, "no words in 2 lines", [] { ReadText("\n \n"); });
  ExpectError(ExitCode::kMissingInput, "nowhere", [] { WordList::Read("nowhere", kLabels); });
}

}  // namespace
}  // namespace lockstep
