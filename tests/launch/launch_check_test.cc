#include "launch/launch_check.h"

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
    facts.cores = {r % 4};
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
    facts.cores = {0, 1, 2, 3};
    facts.threads = 2;
  }
  ExpectOne(all, Severity::kOk, "2 ranks x 2 threads");
}

TEST(JudgeLaunch, RanksOnOneCoreAreNamed) {
  std::vector<LaunchFacts> all = GoodRanks(3);
  all[2].cores = {0};
  ExpectOne(all, Severity::kWarning, "ranks 0, 2 on a compute with 2 threads on 1 core (0)");
  EXPECT_THAT(JudgeLaunch(all)[0].remedy, HasSubstr("--bind-to core"));
}

TEST(JudgeLaunch, ThreadsOfARankThatIsBoundToOneCoreAreNamed) {
  std::vector<LaunchFacts> all = GoodRanks(2);
  all[1].threads = 2;
  ExpectOne(all, Severity::kWarning, "rank 1 on a computes with 2 threads on 1 core (1)");
}

TEST(JudgeLaunch, MoreRanksThanCoresAreToBeFewer) {
  std::vector<LaunchFacts> all = GoodRanks(6);
  for (LaunchFacts& facts : all) facts.cores = {0, 1, 2, 3};
  ExpectOne(all, Severity::kWarning, "6 threads on 4 cores");
  EXPECT_THAT(JudgeLaunch(all)[0].remedy, HasSubstr("at most 4 ranks"));
}

TEST(JudgeLaunch, HostsOfOneMachineShareItsCores) {
  std::vector<LaunchFacts> all = GoodRanks(2);
  all[1].host = "container";
  all[1].cores = {0};
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

TEST(LaunchFacts, OfThisProcessSurviveTheirWayToRank0) {
  const LaunchFacts facts = FindLaunchFacts(Communicator::Single(), 3);
  EXPECT_FALSE(facts.host.empty());
  EXPECT_FALSE(facts.cores.empty());
  EXPECT_EQ(facts.program.size(), 32u);
  EXPECT_EQ(ToJson(LaunchFactsFromJson(ToJson(facts))), ToJson(facts));
}

}  // namespace
}  // namespace lockstep
