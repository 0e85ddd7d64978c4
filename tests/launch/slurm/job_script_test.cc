#include "launch/slurm/job_script.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "launch/slurm/save_time.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

JobOptions SmallJob() {
  JobOptions job;
  job.time = "4:00:00";
  job.output = "lockstep-%j.out";
  job.program = "/opt/lockstep";
  job.folder = "/made/here";
  job.run_folder = "/runs/a";
  job.words = {"--corpus", "/corpora/a"};
  return job;
}

TEST(JobScript, TimesOfSbatchAreUnderstood) {
  EXPECT_EQ(SlurmSeconds("90"), 90 * 60);
  EXPECT_EQ(SlurmSeconds("90:30"), 90 * 60 + 30);
  EXPECT_EQ(SlurmSeconds("4:00:00"), 4 * 3600);
  EXPECT_EQ(SlurmSeconds("2-3"), 51 * 3600);
  EXPECT_EQ(SlurmSeconds("2-3:30"), 51 * 3600 + 30 * 60);
  EXPECT_EQ(SlurmSeconds("1-0:0:5"), 24 * 3600 + 5);
}

TEST(JobScript, OtherTimesAreRefused) {
  for (const char* time :
       {"", "4h", "1:2:3:4", "-1", "1-", "1--2", ":", "1:", "99999999999999999999"}) {
    EXPECT_EQ(SlurmSeconds(time), std::nullopt) << time;
  }
}

TEST(JobScript, HeaderHasWhatTheJobAsksFor) {
  JobOptions job = SmallJob();
  job.nodes = 4;
  job.tasks_per_node = 8;
  job.threads = 2;
  job.more = {"--partition=long"};
  const std::string script = JobScript(job);
  for (const char* line :
       {"--nodes=4", "--ntasks-per-node=8", "--cpus-per-task=2", "--time=4:00:00",
        "--signal=B:USR1@120", "--requeue", "--open-mode=append", "--exclusive", "--partition=long",
        "--output=lockstep-%j.out"}) {
    EXPECT_NE(script.find(std::string("\n#SBATCH ") + line + "\n"), std::string::npos) << line;
  }
}

TEST(JobScript, EntersTheFolderWhereItWasMade) {
  JobOptions job = SmallJob();
  EXPECT_NE(JobScript(job).find("\nfolder=/made/here\n"), std::string::npos);
  job.folder = "/it's $(here)";
  EXPECT_NE(JobScript(job).find("\nfolder='/it'\\''s $(here)'\n"), std::string::npos);
}

TEST(JobScript, HeaderLinesThatNoShellReadsHoldNoBlanks) {
  JobOptions job = SmallJob();
  job.name = "two words";
  ExpectError(ExitCode::kUsage, "--name is \"two words\"", [&] { JobScript(job); });
  job = SmallJob();
  job.more = {"--comment=a\n#SBATCH --nodes=1"};
  ExpectError(ExitCode::kUsage, "--sbatch is", [&] { JobScript(job); });
}

TEST(JobScript, LeadTimeGrowsWithTheTimeOfASave) {
  EXPECT_EQ(LeadSeconds(0.01), 130);
  EXPECT_EQ(LeadSeconds(30), 240);
}

TEST(JobScript, MeasuringASaveLeavesNothingBehind) {
  const TempFolder folder;
  const double seconds = MeasureSaveSeconds(folder.path() + "/a/run/that/is/not/there", 1 << 20);
  EXPECT_GT(seconds, 0);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(JobScript, AFolderThatCannotBeWrittenIsAnError) {
  EXPECT_THROW(MeasureSaveSeconds("/proc", 100), IoError);
}

}  // namespace
}  // namespace lockstep
