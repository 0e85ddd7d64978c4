#include "worker/losses/word_errors.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

using Labels = std::vector<std::int32_t>;

// Blank, gap, a, b.
const WordErrors kLetters({"", " ", "a", "b"});
// Blank, a piece that begins a word, two that may end one.
const WordErrors kPieces({"", " a", "b", "ab"});

TEST(WordErrors, AreCountedByWordsHoweverManyLettersDiffer) {
  const ErrorCounts found = kLetters.Count(Labels{2, 3, 1, 2, 1, 3, 3}, Labels{3, 2, 1, 2});
  EXPECT_EQ(found, (ErrorCounts{1, 1, 0, 1}));  // "ab a bb" against "ba a"
}

TEST(WordErrors, GapsAtTheEndsAndTwiceMakeNoWord) {
  const ErrorCounts found = kLetters.Count(Labels{2, 1, 3}, Labels{1, 1, 2, 1, 1, 3, 1});
  EXPECT_EQ(found, (ErrorCounts{2, 0, 0, 0}));
}

TEST(WordErrors, NothingReadIsAllDeletedAndNothingToReadAllInserted) {
  EXPECT_EQ(kLetters.Count(Labels{2, 1, 3}, {}), (ErrorCounts{0, 0, 0, 2}));
  EXPECT_EQ(kLetters.Count({}, Labels{2}), (ErrorCounts{0, 0, 1, 0}));
}

TEST(WordErrors, OfPiecesCompareTexts) {
  EXPECT_EQ(kPieces.Count(Labels{1, 2, 1}, Labels{1, 2, 1}), (ErrorCounts{2, 0, 0, 0}));
  EXPECT_EQ(kPieces.Count(Labels{1, 3}, Labels{1, 2}), (ErrorCounts{0, 1, 0, 0}));
}

TEST(WordErrors, OfLabelsWithoutTextsAreNotCounted) {
  EXPECT_FALSE(WordErrors({}).counts());
  EXPECT_TRUE(kLetters.counts());
}

}  // namespace
}  // namespace lockstep
