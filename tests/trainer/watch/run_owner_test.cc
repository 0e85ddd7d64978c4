#include "trainer/watch/run_owner.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "checkpoint/checkpoint_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "trainer/report/metrics_log.h"
#include "trainer/watch/stop_request.h"

namespace lockstep {
namespace {

TEST(RunOwner, IsTheLastThatTookTheRun) {
  const TempFolder folder;
  const RunOwner first(folder.path(), {"7", 0});
  EXPECT_TRUE(first.IsMine());
  EXPECT_NO_THROW(first.Require());
  const RunOwner second(folder.path(), {"7", 1});
  EXPECT_EQ(second.number(), first.number() + 1);
  EXPECT_TRUE(second.IsMine());
  EXPECT_FALSE(first.IsMine());
  ExpectError(ExitCode::kSuperseded, "(job 7, start 1)", [&] { first.Require(); });
}

TEST(RunOwner, TwoOfOneProcessInOneSecondDiffer) {
  const TempFolder folder;
  const RunOwner first(folder.path());
  const std::string text = Slurp(folder / ".owner");
  Spill(folder / ".owner", "");  // so that the number is the same again
  const RunOwner second(folder.path());
  EXPECT_EQ(second.number(), first.number());
  EXPECT_NE(Slurp(folder / ".owner"), text);
  EXPECT_FALSE(first.IsMine());
}

TEST(RunOwner, AFileThatIsGoneEndsTheRunToo) {
  const TempFolder folder;
  const RunOwner owner(folder.path());
  std::filesystem::remove(folder / ".owner");
  EXPECT_FALSE(owner.IsMine());
  ExpectError(ExitCode::kSuperseded, "is gone", [&] { owner.Require(); });
}

TEST(RunOwner, ADamagedFileIsWrittenAnew) {
  const TempFolder folder;
  for (const char* text :
       {"", "{", "[]", "7", "\xff\xfe", R"({"number":"x"})", R"({"number":null})",
        R"({"number":-1})", R"({"number":1e300})", R"({"number":9223372036854775807})",
        R"({"number":3,"job":5})", R"({"number":3,"job":"7","start":"0"})"}) {
    Spill(folder / ".owner", text);
    EXPECT_FALSE(BelongsToAnEarlierStart(folder.path(), {"7", 1}));
    EXPECT_TRUE(RunOwner(folder.path()).IsMine());
  }
}

TEST(RunOwner, NamesOfJobsAreCutToWhatItsFileTakes) {
  const TempFolder folder;
  const std::string name = std::string(1500, 'x') + "\xff\xfe\n";
  ::setenv("LOCKSTEP_JOB", name.c_str(), 1);
  ::setenv("LOCKSTEP_START", "2", 1);
  const RunOwner owner(folder.path());
  EXPECT_TRUE(owner.IsMine());
  EXPECT_NO_THROW(owner.Require());
  EXPECT_FALSE(BelongsToAnEarlierStart(folder.path()));
  ::setenv("LOCKSTEP_START", "3", 1);
  EXPECT_TRUE(BelongsToAnEarlierStart(folder.path()));
  ::setenv("LOCKSTEP_JOB", "\xff\xfe", 1);
  EXPECT_TRUE(RunOwner(folder.path()).IsMine());
  ::unsetenv("LOCKSTEP_JOB");
  ::unsetenv("LOCKSTEP_START");
}

TEST(RunOwner, OnlyALaterStartOfTheSameJobFindsAnEarlierOne) {
  const TempFolder folder;
  EXPECT_FALSE(BelongsToAnEarlierStart(folder.path(), {"7", 1}));  // nobody has it
  const RunOwner owner(folder.path(), {"7", 1});
  EXPECT_TRUE(BelongsToAnEarlierStart(folder.path(), {"7", 2}));
  EXPECT_FALSE(BelongsToAnEarlierStart(folder.path(), {"7", 1}));
  EXPECT_FALSE(BelongsToAnEarlierStart(folder.path(), {"8", 2}));
  EXPECT_FALSE(BelongsToAnEarlierStart(folder.path(), {"", 2}));
}

TEST(RunOwner, StopsAStartThatIsSuperseded) {
  const TempFolder folder;
  const RunOwner owner(folder.path());
  EXPECT_EQ(StopRequest(folder.path(), nullptr, &owner).Seen(), StopReason::kNone);
  const RunOwner other(folder.path());
  EXPECT_EQ(StopRequest(folder.path(), nullptr, &owner).Seen(), StopReason::kSuperseded);
}

TEST(RunOwner, ACheckpointThatIsRefusedGetsNoName) {
  const TempFolder folder;
  const RunOwner owner(folder.path());
  const RunOwner other(folder.path());
  const CheckpointImage image = BuildCheckpoint("{}", {});
  ExpectError(ExitCode::kSuperseded, "has taken over the run", [&] {
    WriteCheckpoint(folder / "step-000000000001.h5", image, [&] { owner.Require(); });
  });
  const std::filesystem::directory_iterator names(folder.path());
  EXPECT_EQ(std::distance(begin(names), end(names)), 1);  // .owner
}

TEST(RunOwner, MetricsAreNotCutByAStartThatIsSuperseded) {
  const TempFolder folder;
  const std::string path = folder / "metrics.jsonl";
  Spill(path, "{\"step\":1}\n{\"step\":2}\n");
  const RunOwner owner(folder.path());
  const RunOwner other(folder.path());
  ExpectError(ExitCode::kSuperseded, "has taken over the run",
              [&] { MetricsLog(path, 11, 1, [&] { owner.Require(); }); });
  EXPECT_EQ(Slurp(path), "{\"step\":1}\n{\"step\":2}\n");
}

TEST(RunOwner, AChangeThatFailsAsTheRunIsAnothersSaysSo) {
  const TempFolder folder;
  const RunOwner owner(folder.path());
  const auto fail = [] { throw IoError("cannot rename: No such file or directory"); };
  ExpectError(ExitCode::kIo, "cannot rename", [&] { owner.Guard(fail); });
  const RunOwner other(folder.path());
  ExpectError(ExitCode::kSuperseded, "has taken over the run", [&] { owner.Guard(fail); });
}

TEST(RunOwner, LinesOfAnEarlierStartDoNotReachTheMetricsOfTheNext) {
  const TempFolder folder;
  const std::string path = folder / "metrics.jsonl";
  MetricsLog earlier(path, 0, 0);
  earlier.Write({{"step", 1}});
  MetricsLog later(path, 11, 1);
  earlier.Write({{"step", 2}, {"stale", true}});
  EXPECT_NO_THROW(earlier.Sync(earlier.bytes()));
  later.Write({{"step", 2}});
  EXPECT_EQ(Slurp(path), "{\"step\":1}\n{\"step\":2}\n");
}

}  // namespace
}  // namespace lockstep
