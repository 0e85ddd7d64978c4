#include "base/error.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace lockstep {
namespace {

TEST(Error, KindsCarryTheirExitCodes) {
  EXPECT_EQ(UsageError("x").code(), ExitCode::kUsage);
  EXPECT_EQ(BadData("x").code(), ExitCode::kBadData);
  EXPECT_EQ(MissingInput("x").code(), ExitCode::kMissingInput);
  EXPECT_EQ(IoError("x").code(), ExitCode::kIo);
  EXPECT_EQ(IoError("x", ExitCode::kCannotCreate).code(), ExitCode::kCannotCreate);
}

TEST(Error, FormatsItsMessage) {
  EXPECT_STREQ(BadData("{}: {} of {}", "a.h5", 3, 4).what(), "a.h5: 3 of 4");
}

// Job scripts and docs/exit_codes.md rely on these numbers.
TEST(Error, ExitCodesAreFixed) {
  EXPECT_EQ(static_cast<int>(ExitCode::kDone), 0);
  EXPECT_EQ(static_cast<int>(ExitCode::kUsage), 64);
  EXPECT_EQ(static_cast<int>(ExitCode::kBadData), 65);
  EXPECT_EQ(static_cast<int>(ExitCode::kMissingInput), 66);
  EXPECT_EQ(static_cast<int>(ExitCode::kInternal), 70);
  EXPECT_EQ(static_cast<int>(ExitCode::kCannotCreate), 73);
  EXPECT_EQ(static_cast<int>(ExitCode::kIo), 74);
  EXPECT_EQ(static_cast<int>(ExitCode::kStopped), 75);
  EXPECT_EQ(static_cast<int>(ExitCode::kPeerLost), 76);
  EXPECT_EQ(static_cast<int>(ExitCode::kDiverged), 80);
}

TEST(Error, ErrnoTextSaysWhatTheSystemSays) {
  errno = ENOENT;
  EXPECT_EQ(ErrnoText(), "No such file or directory");
}

TEST(CheckDeathTest, AbortsNamingTheCondition) {
  EXPECT_DEATH(LOCKSTEP_CHECK(1 + 1 == 3), "error_test.cc:.*1 \\+ 1 == 3; this is a bug");
}

TEST(CheckDeathTest, AbortsWithBothValues) {
  const int rows = 3, columns = 4;
  EXPECT_DEATH(LOCKSTEP_CHECK_EQ(rows, columns), "rows == columns: 3 against 4");
}

TEST(Check, EvaluatesItsArgumentsOnceAndPasses) {
  int calls = 0;
  LOCKSTEP_CHECK_EQ(++calls, 1);
  LOCKSTEP_CHECK(++calls == 2);
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace lockstep
