#include "launch/start/launch_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockstep {
namespace {

using ::testing::HasSubstr;

// Ranks of one thread on a machine of 4 cores, each on a core of its own.
std::vector<LaunchFacts> GoodRanks(int ranks) {
  std::vector<LaunchFacts> all;
  for (int r = 0; r < ranks; ++r) {
    LaunchFacts facts;
    facts.rank = r;
    facts.size = facts.expected_size = ranks;
    facts.host = facts.machine = "a";
    facts.cores = std::to_string(r % 4);
    facts.machine_cores = 4;
    facts.program = "11112222";
    facts.version = "1";
    all.push_back(facts);
  }
  return all;
}

void ExpectOne(const std::vector<LaunchFacts>& all, Severity severity, const std::string& text) {
  const Findings findings = JudgeLaunch(all);
  ASSERT_EQ(findings.size(), 1u) << ReportText(findings, 0);
  EXPECT_EQ(findings[0].severity, severity);
  EXPECT_THAT(findings[0].text, HasSubstr(text));
}

TEST(JudgeLaunch, ACoreForEachThreadIsWell) {
  ExpectOne(GoodRanks(4), Severity::kOk, "4 ranks x 1 thread on 1 host");
}

TEST(JudgeLaunch, RanksOfSeveralThreadsMayShareTheirCores) {
  std::vector<LaunchFacts> all = GoodRanks(2);
  for (LaunchFacts& facts : all) {
    facts.cores = "0-3";
    facts.needs.threads = 2;
  }
  ExpectOne(all, Severity::kOk, "2 ranks x 2 threads");
}

TEST(JudgeLaunch, RanksOnOneCoreAreNamed) {
  std::vector<LaunchFacts> all = GoodRanks(3);
  all[2].cores = "0";
  ExpectOne(all, Severity::kWarning, "ranks 0, 2 on a compute with 2 threads on 1 core (0)");
  EXPECT_THAT(JudgeLaunch(all)[0].remedy,
              HasSubstr("`mpirun -n 3 --map-by ppr:3:node:PE=1 --bind-to core`"));
}

TEST(JudgeLaunch, ThreadsOfARankThatIsBoundToOneCoreAreNamed) {
  std::vector<LaunchFacts> all = GoodRanks(2);
  all[1].needs.threads = 2;
  ExpectOne(all, Severity::kWarning, "rank 1 on a computes with 2 threads on 1 core (1)");
}

TEST(JudgeLaunch, MoreRanksThanCoresAreToBeFewer) {
  std::vector<LaunchFacts> all = GoodRanks(6);
  for (LaunchFacts& facts : all) facts.cores = "0-3";
  ExpectOne(all, Severity::kWarning, "6 threads on 4 cores");
  EXPECT_THAT(JudgeLaunch(all)[0].remedy, HasSubstr("4 cores takes 4 threads: `mpirun -n 4"));
}

TEST(JudgeLaunch, HostsOfOneMachineShareItsCores) {
  std::vector<LaunchFacts> all = GoodRanks(2);
  all[1].host = "container";
  all[1].cores = "0";
  ExpectOne(all, Severity::kWarning, "ranks 0, 1");
  all[1].machine = "another";
  ExpectOne(all, Severity::kOk, "on 2 hosts");
}

TEST(JudgeLaunch, AQuotaBelowTheThreadsIsAWarning) {
  std::vector<LaunchFacts> all = GoodRanks(4);
  for (LaunchFacts& facts : all) facts.quota_cores = 2.5;
  ExpectOne(all, Severity::kWarning, "share a quota of 2.5 cores");
}

TEST(JudgeLaunch, AProcessThatDoesNotKnowTheOthersIsAProblem) {
  std::vector<LaunchFacts> all = GoodRanks(1);
  all[0].expected_size = 4;
  all[0].expected_from = "PMI_SIZE";
  ExpectOne(all, Severity::kProblem, "takes itself for rank 0 of 1, but PMI_SIZE is 4");
  EXPECT_EQ(CodeOf(JudgeLaunch(all)), ExitCode::kUsage);
}

TEST(JudgeLaunch, AnotherBuildOnAHostIsAWarningAndAnotherVersionAProblem) {
  std::vector<LaunchFacts> all = GoodRanks(3);
  all[1].program = "33334444";
  ExpectOne(all, Severity::kWarning, "rank 1 on a runs another program");
  all[1].version = "2";
  ExpectOne(all, Severity::kProblem, "(lockstep 2, file 33334444)");
}

TEST(JudgeLaunch, TwoMachinesOfOneNameAreAWarning) {
  std::vector<LaunchFacts> all = GoodRanks(2);
  all[1].machine = "another";
  ExpectOne(all, Severity::kWarning, "two machines are called a; rank 1");
}

// Rank 1 of three with the instructions of an older processor.
std::vector<LaunchFacts> WithOldRank(const std::string& isa, const LaunchNeeds& needs) {
  std::vector<LaunchFacts> all = GoodRanks(3);
  for (LaunchFacts& facts : all) {
    facts.isa = "avx512";
    facts.needs = needs;
  }
  all[1].isa = isa;
  all[1].host = all[1].machine = "old";
  return all;
}

TEST(JudgeLaunch, AnOlderProcessorThatGivesTheSameBitsIsNamed) {
  ExpectOne(WithOldRank("avx2", {}), Severity::kWarning,
            "rank 1 on old has avx2 at best, rank 0 on a avx512: all compute with avx2, slower but "
            "to the same bits");
}

TEST(JudgeLaunch, AnOlderProcessorThatGivesOtherBitsIsNamed) {
  const auto all = WithOldRank("sse4", {});
  ExpectOne(all, Severity::kWarning, "slower and to other bits than with avx512");
  EXPECT_THAT(JudgeLaunch(all)[0].remedy, HasSubstr("`sbatch --exclude=old`"));
}

TEST(JudgeLaunch, InstructionsThatAllHaveAreNoMatter) {
  ExpectOne(WithOldRank("avx2", {.isa = "avx2"}), Severity::kOk, "one program");
}

TEST(JudgeLaunch, InstructionsThatARankHasNotAreAProblem) {
  const auto all = WithOldRank("avx2", {.isa = "avx512"});
  ExpectOne(all, Severity::kProblem, "numerics.isa is avx512; rank 1 on old has avx2 at best");
  EXPECT_THAT(JudgeLaunch(all)[0].remedy, HasSubstr("`--set numerics.isa=avx2`"));
}

TEST(LaunchFacts, CoresAreRanges) {
  const std::vector<int> cores = {0, 1, 2, 8, 10, 11};
  EXPECT_EQ(RangesText(cores), "0-2,8,10-11");
  EXPECT_EQ(NumbersOfRanges("0-2,8,10-11"), cores);
  EXPECT_EQ(RangesText({}), "");
  EXPECT_TRUE(NumbersOfRanges("").empty());
}

TEST(LaunchFacts, OfALargeMachineTakeLittleRoom) {
  LaunchFacts facts = FindLaunchFacts(Communicator::Single(), {});
  facts.cores = "0-127,256-383";
  facts.host = std::string(64, 'h');       // the longest there is
  constexpr std::size_t kMostBytes = 512;  // a rank; twice that are at rank 0 for a moment
  EXPECT_LT(ToJson(facts).size(), kMostBytes);
}

TEST(LaunchFacts, OfThisProcessSurviveTheirWayToRank0) {
  const LaunchFacts facts = FindLaunchFacts(Communicator::Single(), {.threads = 3});
  EXPECT_FALSE(facts.host.empty());
  EXPECT_FALSE(facts.cores.empty());
  EXPECT_EQ(facts.program.size(), 32u);
  EXPECT_EQ(ToJson(LaunchFactsFromJson(ToJson(facts))), ToJson(facts));
}

}  // namespace
}  // namespace lockstep
