#include "launch/tasks/speech/joined_hypotheses.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "launch/tasks/speech/transcript_writer.h"

namespace lockstep {
namespace {

using Hypotheses = std::vector<CtcHypothesis>;

CtcHypothesis Said(const std::string& word, double acoustic, double language = 0) {
  CtcHypothesis one;
  if (!word.empty()) one.words = {{word, 2, 4, 0.5}};
  one.labels = {static_cast<Index>(word.size())};
  one.acoustic = acoustic;
  one.language = language;
  one.total = acoustic + language;
  return one;
}

std::vector<std::string> TextsOf(const Hypotheses& hypotheses) {
  std::vector<std::string> texts;
  for (const CtcHypothesis& one : hypotheses) texts.push_back(HypothesisText(one));
  return texts;
}

// All pairs, sorted by their sums: brute force.
TEST(JoinedHypotheses, AreTheBestPairs) {
  const Hypotheses before = {Said("a", -1), Said("b", -1.5), Said("c", -7)};
  const Hypotheses part = {Said("x", -2, -1), Said("y", -4), Said("z", -4.25), Said("w", -20)};
  std::vector<std::pair<double, std::string>> pairs;
  for (const CtcHypothesis& b : before) {
    for (const CtcHypothesis& p : part)
      pairs.emplace_back(-(b.total + p.total), HypothesisText(b) + " " + HypothesisText(p));
  }
  std::ranges::sort(pairs);
  for (Index most = 1; most <= 14; ++most) {
    const Hypotheses found = JoinedHypotheses(before, part, 100, most);
    ASSERT_EQ(std::ssize(found), std::min<Index>(most, 12));
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(HypothesisText(found[i]), pairs[i].second);
      EXPECT_EQ(found[i].total, -pairs[i].first);
    }
  }
}

TEST(JoinedHypotheses, AddUpAndMoveTheWordsOfThePart) {
  const CtcHypothesis found =
      JoinedHypotheses(Hypotheses{Said("a", -1, -0.5)}, Hypotheses{Said("xyz", -2, -1)}, 100, 1)[0];
  EXPECT_EQ(found.labels, (std::vector<Index>{1, 3}));
  EXPECT_EQ(found.words[0].last_frame, 4);
  EXPECT_EQ(found.words[1].first_frame, 102);
  EXPECT_EQ(found.words[1].last_frame, 104);
  EXPECT_EQ(found.acoustic, -3);
  EXPECT_EQ(found.language, -1.5);
  EXPECT_EQ(found.total, -4.5);
}

TEST(JoinedHypotheses, HaveNoWordsTwice) {
  const Hypotheses same = {Said("a", -1), Said("", -2)};
  EXPECT_EQ(TextsOf(JoinedHypotheses(same, same, 100, 9)),
            (std::vector<std::string>{"a a", "a", ""}));
}

TEST(JoinedHypotheses, TheFirstPartFollowsNothing) {
  const Hypotheses part = {Said("x", -2), Said("y", -4)};
  EXPECT_EQ(TextsOf(JoinedHypotheses(Hypotheses(1), part, 0, 2)), TextsOf(part));
}

}  // namespace
}  // namespace lockstep
