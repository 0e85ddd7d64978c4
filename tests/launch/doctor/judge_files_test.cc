#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "launch/doctor/file_system.h"

namespace lockstep {
namespace {

using ::testing::HasSubstr;

std::vector<FileFacts> GoodRanks(int ranks) {
  std::vector<FileFacts> all;
  for (int r = 0; r < ranks; ++r) {
    all.push_back({r, r < 2 ? "a" : "b", 0.01, "refused", "refused", r == 1 ? kRaces : 0});
  }
  if (ranks == 1) all[0].won = kRaces;
  return all;
}

FolderFacts GoodFolder() {
  FolderFacts facts;
  facts.type = "nfs";
  facts.free_bytes = 1e12;
  facts.free_files = 1e6;
  facts.write_bytes_per_second = facts.read_bytes_per_second = 1e9;
  facts.small_seconds = 0.01;
  return facts;
}

void ExpectFirst(const Findings& findings, Severity severity, const std::string& text) {
  EXPECT_EQ(findings[0].severity, severity);
  EXPECT_THAT(findings[0].text, HasSubstr(text));
}

TEST(JudgeSharedFiles, OneFolderWithLocksIsWell) {
  ExpectFirst(JudgeSharedFiles(GoodRanks(1)), Severity::kOk, "locks and exclusive files hold");
  ExpectFirst(JudgeSharedFiles(GoodRanks(3)), Severity::kOk, "all 3 ranks see one run folder");
}

TEST(JudgeSharedFiles, ARankThatSeesAnotherFolderIsNamed) {
  std::vector<FileFacts> all = GoodRanks(3);
  all[2].seen_after_seconds = -1;
  ExpectFirst(JudgeSharedFiles(all), Severity::kProblem,
              "what rank 0 on a writes there, rank 2 on b does not see");
}

TEST(JudgeSharedFiles, LocksThatHoldOnOneHostOnlyAreAWarning) {
  std::vector<FileFacts> all = GoodRanks(3);
  all[2].lock = "granted";
  ExpectFirst(JudgeSharedFiles(all), Severity::kWarning,
              "do not work between hosts, so two jobs could train in it at once: rank 2 on b");
}

TEST(JudgeSharedFiles, AFileSystemWithoutLocksIsAWarning) {
  std::vector<FileFacts> all = GoodRanks(1);
  all[0].lock = "Function not implemented";
  ExpectFirst(JudgeSharedFiles(all), Severity::kWarning, "the answer \"Function not implemented\"");
}

TEST(JudgeSharedFiles, TwoWinnersOfAnExclusiveFileAreAProblem) {
  std::vector<FileFacts> all = GoodRanks(2);
  all[0].won = 1;
  ExpectFirst(JudgeSharedFiles(all), Severity::kProblem, "of 8 files");
}

TEST(JudgeSharedFiles, AFileThatIsSeenLateIsAWarning) {
  std::vector<FileFacts> all = GoodRanks(2);
  all[1].seen_after_seconds = 3;
  ExpectFirst(JudgeSharedFiles(all), Severity::kWarning, "only after 3.0 s");
}

TEST(JudgeFolder, AGoodFolderIsWell) {
  ExpectFirst(JudgeFolder(GoodFolder()), Severity::kOk, "nfs, 931.3 GiB free");
}

TEST(JudgeFolder, AFailureKeepsItsCode) {
  FolderFacts facts = GoodFolder();
  facts.failure = ExitCode::kCannotCreate;
  facts.failed = "cannot create x: No space left on device";
  const Findings findings = JudgeFolder(facts);
  ExpectFirst(findings, Severity::kProblem, "No space left");
  EXPECT_EQ(CodeOf(findings), ExitCode::kCannotCreate);
}

TEST(JudgeFolder, CheckpointsThatDoNotFitAreAProblem) {
  FolderFacts facts = GoodFolder();
  facts.needed_bytes = 2e12;
  ExpectFirst(JudgeFolder(facts), Severity::kProblem, "need 1907349 MiB, 953674 MiB are free");
}

TEST(JudgeFolder, MemoryIsNoPlaceForARun) {
  FolderFacts facts = GoodFolder();
  facts.type = "tmpfs";
  ExpectFirst(JudgeFolder(facts), Severity::kWarning, "lies in memory");
}

TEST(JudgeFolder, ASlowDiskIsAWarning) {
  FolderFacts facts = GoodFolder();
  facts.write_bytes_per_second = 1e6;
  ExpectFirst(JudgeFolder(facts), Severity::kWarning, "saving will be slow");
}

}  // namespace
}  // namespace lockstep
