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

TEST(WordList, WhatCannotBeSpeltIsRefusedByLine) {
  ExpectError(ExitCode::kBadData, "words:2: cx cannot be spelt: no label of the model fits \"x\"",
              [] { ReadText("cb\ncx\n"); });
  ExpectError(ExitCode::kBadData, "words:1: \"x\", in the spelling of word, is no label",
              [] { ReadText("word a x\n"); });
  ExpectError(ExitCode::kBadData, "is no label", [] { ReadText("word <blank>\n"); });
}

TEST(WordList, DoubleWordsAndEmptyListsAreRefused) {
  ExpectError(ExitCode::kBadData, "words:3: cb stands in the list twice",
              [] { ReadText("cb\na\ncb c b\n"); });
  ExpectError(ExitCode::kBadData, "no words in 2 lines", [] { ReadText("\n \n"); });
  ExpectError(ExitCode::kMissingInput, "nowhere", [] { WordList::Read("nowhere", kLabels); });
}

}  // namespace
}  // namespace lockstep
