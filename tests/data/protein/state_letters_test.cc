#include "data/protein/state_letters.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

TEST(StateLetters, TheEightStatesOfDsspBecomeThree) {
  const std::string_view eight = "HGIEBTSC", three = "HHHEECCC";
  for (std::size_t i = 0; i < eight.size(); ++i) EXPECT_EQ(ThreeStateOf(eight[i]), three[i]) << i;
}

TEST(StateLetters, OldAndNewWaysOfWritingCoilAreKnown) {
  for (const char letter : std::string_view("C-_~LPts")) EXPECT_EQ(ThreeStateOf(letter), 'C');
  EXPECT_EQ(ThreeStateOf('h'), 'H');
  EXPECT_EQ(ThreeStateOf('e'), 'E');
}

TEST(StateLetters, OtherLettersAreNoStates) {
  for (const char letter : std::string_view("AXM1*?")) EXPECT_EQ(ThreeStateOf(letter), '\0');
}

}  // namespace
}  // namespace lockstep
