#include "base/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace lockstep {
namespace {

using testing::ElementsAre;

TEST(Terminal, WordsAreWrappedAndLongOnesHaveLinesOfTheirOwn) {
  EXPECT_THAT(WrapWords("a bc  def", 4), ElementsAre("a bc", "def"));
  EXPECT_THAT(WrapWords("a much-too-long b", 5), ElementsAre("a", "much-too-long", "b"));
  EXPECT_THAT(WrapWords("", 5), ElementsAre(""));
}

TEST(Terminal, CodePointsCountNotBytes) {
  EXPECT_EQ(TextColumns("gr\xC3\xBC\xC3\x9F"), 4);
  EXPECT_THAT(WrapWords("\xC3\xBC\xC3\xBC \xC3\xBC", 4), ElementsAre("\xC3\xBC\xC3\xBC \xC3\xBC"));
}

// The tests have no terminal: their standard error goes to a file or a pipe.
TEST(Terminal, AFileHasNoLiveLineAndNoColours) {
  if (TerminalColumns() > 0) GTEST_SKIP() << "standard error is a terminal";
  EXPECT_FALSE(TerminalHasColours());
  testing::internal::CaptureStderr();
  ShowLiveLine("step 1");
  ClearLiveLine();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace lockstep
