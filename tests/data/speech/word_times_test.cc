#include "data/speech/word_times.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/durable_file.h"
#include "base/error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;

class Ctm : public testing::Test {
 protected:
  WordTimes Read(const std::string& text) {
    ReplaceDurably(path_, text);
    return ReadCtm(path_);
  }
  TempFolder folder_;
  std::string path_ = folder_.path() + "/words.ctm";
};

TEST_F(Ctm, IsReadByUtteranceInTheOrderOfTime) {
  const WordTimes times =
      Read(";; made by hand\nu 1 0.5 0.25 b 0.9\nv 1 0 1 x\nu 1 0.1 0.3 a\nu A 0 0.1 sil\n");
  ASSERT_EQ(times.size(), 2u);
  const std::vector<SpokenWord>& words = times.at("u");
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0].text, "a");
  EXPECT_EQ(words[1].end_seconds, 0.75);
}

TEST_F(Ctm, WithBadTimesIsRefused) {
  for (const char* line : {"u 1 x 1 a", "u 1 0 -1 a", "u 1 0 nan a", "u 1 0 1", "u 1 0 1 a 1 1"}) {
    EXPECT_THROW(Read(line), InputError) << line;
  }
  EXPECT_THROW(Read("u 1 0 1 a\nu 1 0.5 1 b\n"), InputError);
}

const std::vector<SpokenWord> kWords = {{"one", 0.1, 0.5}, {"two", 0.7, 1.0}};
const std::vector<Index> kFirst = {0, 4};

// The border is at 0.6 s; frame t is centred at 10 t + 12.5 ms, so frame 59 is the nearest.
TEST(WordsByTimes, BeginWordsInTheMiddlesBetweenThem) {
  EXPECT_THAT(WordsByTimes(kWords, "ONE  two", kFirst, 110, {}, 1),
              ElementsAre(WordStart{0, 0}, WordStart{59, 4, 9}));
  EXPECT_THAT(WordsByTimes(kWords, "one two", kFirst, 110, {}, 0.5), testing::IsEmpty());
  EXPECT_THAT(WordsByTimes(kWords, "one two", kFirst, 240, {}, 0.5),
              ElementsAre(WordStart{0, 0}, WordStart{119, 4, 19}));
}

TEST(WordsByTimes, OfOtherWordsAreRefused) {
  EXPECT_THROW(WordsByTimes(kWords, "one three", kFirst, 110, {}, 1), InputError);
}

TEST(WordsByPauses, CutTheLongestPauses) {
  FeatureMatrix features{60, 1, std::vector<float>(60, 10.0f)};
  const auto quiet = [&](std::size_t begin, std::size_t end) {
    std::fill(features.values.begin() + static_cast<Index>(begin),
              features.values.begin() + static_cast<Index>(end), 0.0f);
  };
  quiet(0, 5);
  quiet(20, 30);
  quiet(40, 46);
  EXPECT_THAT(WordsByPauses(features, 1, std::vector<Index>{0, 2}),
              ElementsAre(WordStart{0, 0}, WordStart{25, 2, 5}));
  EXPECT_THAT(WordsByPauses(features, 1, std::vector<Index>{0, 2, 5}),
              ElementsAre(WordStart{0, 0}, WordStart{25, 2, 5}, WordStart{43, 5, 3}));
  EXPECT_TRUE(WordsByPauses(features, 1, std::vector<Index>{0, 2, 5, 7}).empty());
}

TEST(FirstLabels, FollowTheUnits) {
  const Units letters(UnitKind::kLetters, LetterCase::kAsWritten, {"a", "b", "|"});
  EXPECT_THAT(FirstLabels(letters, letters.Encode("ab a bb")), ElementsAre(0, 3, 5));
  const Units words(UnitKind::kWords, LetterCase::kAsWritten, {"go", "on"});
  EXPECT_THAT(FirstLabels(words, words.Encode("go on")), ElementsAre(0, 1));
}

TEST(Cuts, AreTheBeginsOfWordsAndTheEnd) {
  const std::vector<std::int32_t> labels = {1, 1, 4, 2, 4, 3, 3};
  const std::vector<WordStart> words = {{0, 0}, {9, 3}, {15, 5}};
  EXPECT_THAT(WordCutsOf(words, labels, 20),
              ElementsAre(WordCut{}, WordCut{9, 3, 4}, WordCut{15, 5, 6}, WordCut{20, 7, 9}));
  EXPECT_THAT(WordCutsOf({}, labels, 20), ElementsAre(WordCut{}, WordCut{20, 7, 9}));
  EXPECT_THAT(WordCutsOf({}, {}, 20), ElementsAre(WordCut{}, WordCut{20, 0, 0}));
}

TEST(Cuts, LeaveSomethingOfEachWordBetweenTheirSlacks) {
  const std::vector<std::int32_t> labels = {1, 1, 4, 2, 4, 3, 3};
  const std::vector<WordStart> words = {{0, 0}, {9, 3, 2}, {12, 5, 7}};
  const std::vector<WordCut> cuts = WordCutsOf(words, labels, 20);
  EXPECT_THAT(cuts,
              ElementsAre(WordCut{}, WordCut{9, 3, 4, 1}, WordCut{12, 5, 6, 1}, WordCut{20, 7, 9}));
  EXPECT_FALSE(FindBadCut(cuts, 20, 7));
}

}  // namespace
}  // namespace lockstep
