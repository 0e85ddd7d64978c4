// The answers that are built in, on every instruction set of the machine, and what is made of the
// answers of several ranks. A new answer is what the first case prints when it fails.
#include "launch/doctor/known_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace lockstep {
namespace {

using ::testing::HasSubstr;

// Prints what differs from what is built in; the exit code says whether anything did. In a process
// of its own, because products keep the instruction set of their first call.
[[noreturn]] void CompareOn(Isa isa) {
  SelectIsa(isa);
  PhaseWatch watch;
  const RankAnswers found = FindAnswers(Communicator::Single(), "here", isa, 3, &watch);
  bool right = found.plain_floats && found.library == BuiltInLibrary() && !found.answers.empty();
  if (found.library != BuiltInLibrary()) std::cerr << "library " << found.library << "\n";
  for (const Answer& answer : found.answers) {
    if (answer.hash == BuiltInAnswer(answer.what, found.isa)) continue;
    std::cerr << answer.what << ", " << found.isa << ", " << answer.threads
              << " threads: " << answer.hash << "\n";
    right = false;
  }
  std::_Exit(right ? 0 : 1);
}

TEST(KnownAnswerDeathTest, IsWhatTrainingEndsWithOnEveryInstructionSetAndThreadCount) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (Isa isa : {Isa::kSse4, Isa::kAvx2, Isa::kAvx512}) {
    if (isa > DetectIsa()) break;
    EXPECT_EXIT(CompareOn(isa), ::testing::ExitedWithCode(0), "");
  }
}

// Ranks that all give the known answers at 100 GFLOP/s, on hosts a, b, c, ...
std::vector<RankAnswers> GoodRanks(int ranks) {
  std::vector<RankAnswers> all;
  for (int r = 0; r < ranks; ++r) {
    RankAnswers rank;
    rank.rank = r;
    rank.host = std::string(1, static_cast<char>('a' + r));
    rank.isa = "avx2";
    rank.library = BuiltInLibrary();
    rank.gigaflops = 100;
    for (const char* what : {"gru", "lstm"}) {
      rank.answers.push_back({what, 1, false, BuiltInAnswer(what, rank.isa)});
      if (ranks > 1) rank.answers.push_back({what, 1, true, BuiltInAnswer(what, rank.isa)});
    }
    all.push_back(rank);
  }
  return all;
}

void FlipAlone(RankAnswers* rank) { rank->answers[0].hash[0] ^= 1; }

// The one finding that is a problem.
Finding ProblemIn(const std::vector<RankAnswers>& all) {
  Finding problem;
  for (const Finding& finding : JudgeAnswers(all)) {
    if (finding.severity != Severity::kProblem) continue;
    EXPECT_EQ(problem.text, "") << finding.text;
    problem = finding;
  }
  return problem;
}

TEST(JudgeAnswers, KnownAnswersAreWell) {
  for (int ranks : {1, 2, 5}) {
    for (const Finding& finding : JudgeAnswers(GoodRanks(ranks))) {
      EXPECT_EQ(finding.severity, Severity::kOk) << finding.text;
    }
  }
}

TEST(JudgeAnswers, ARankThatComputesWronglyIsNamedWithItsHost) {
  for (int wrong : {0, 1, 2}) {
    std::vector<RankAnswers> all = GoodRanks(3);
    FlipAlone(&all[static_cast<std::size_t>(wrong)]);
    const Finding problem = ProblemIn(all);
    const std::string place =
        fmt::format("rank {} on {}", wrong, all[static_cast<std::size_t>(wrong)].host);
    EXPECT_THAT(problem.text, HasSubstr(place + " computes wrongly: gru on 1 thread"));
    EXPECT_EQ(problem.code, ExitCode::kPeerLost);
    EXPECT_THAT(problem.remedy, HasSubstr("--exclude="));
  }
}

TEST(JudgeAnswers, ASingleRankIsHeldAgainstTheKnownAnswer) {
  std::vector<RankAnswers> all = GoodRanks(1);
  FlipAlone(&all[0]);
  EXPECT_THAT(ProblemIn(all).text, HasSubstr("rank 0 on a computes wrongly"));
}

TEST(JudgeAnswers, TwoBrokenRanksOfThreeDoNotOutvoteTheKnownAnswer) {
  std::vector<RankAnswers> all = GoodRanks(3);
  FlipAlone(&all[0]);
  FlipAlone(&all[1]);
  std::string text;
  for (const Finding& finding : JudgeAnswers(all)) text += finding.text + "\n";
  EXPECT_THAT(text, HasSubstr("rank 0 on a computes wrongly"));
  EXPECT_THAT(text, HasSubstr("rank 1 on b computes wrongly"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("rank 2 on c computes wrongly")));
}

TEST(JudgeAnswers, WithoutAKnownAnswerTheMajorityIsRight) {
  std::vector<RankAnswers> all = GoodRanks(3);
  for (RankAnswers& rank : all) {
    rank.slots = 12;
    for (Answer& answer : rank.answers) answer.hash = "of twelve slots";
  }
  EXPECT_EQ(ProblemIn(all).text, "");
  FlipAlone(&all[2]);
  EXPECT_THAT(ProblemIn(all).text, HasSubstr("rank 2 on c computes wrongly"));
}

TEST(JudgeAnswers, AllHostsWrongAlikeIsTheBuild) {
  std::vector<RankAnswers> all = GoodRanks(3);
  for (RankAnswers& rank : all) {
    for (Answer& answer : rank.answers) answer.hash = "another";
  }
  const Finding problem = ProblemIn(all);
  EXPECT_THAT(problem.text, HasSubstr("this build computes otherwise"));
  EXPECT_EQ(problem.code, ExitCode::kInternal);
}

TEST(JudgeAnswers, RightAloneAndWrongTogetherIsTheWayBetweenRanks) {
  std::vector<RankAnswers> all = GoodRanks(2);
  all[1].answers[1].hash = "damaged";
  EXPECT_THAT(ProblemIn(all).text, HasSubstr("messages between the ranks are damaged"));
}

TEST(JudgeAnswers, AnotherCLibraryOnAllRanksIsANoteOnly) {
  std::vector<RankAnswers> all = GoodRanks(2);
  for (RankAnswers& rank : all) {
    rank.library = "another";
    for (Answer& answer : rank.answers) answer.hash = "of that library";
  }
  EXPECT_EQ(ProblemIn(all).text, "");
  EXPECT_EQ(JudgeAnswers(all)[0].severity, Severity::kNote);
}

TEST(JudgeAnswers, AnotherCLibraryOnOneRankIsNamed) {
  std::vector<RankAnswers> all = GoodRanks(2);
  all[0].library = "another";
  EXPECT_THAT(ProblemIn(all).text, HasSubstr("rank 0 on a: exponentials and logarithms"));
}

TEST(JudgeAnswers, FlushedSubnormalsAreNamed) {
  std::vector<RankAnswers> all = GoodRanks(2);
  all[1].plain_floats = false;
  EXPECT_THAT(ProblemIn(all).text, HasSubstr("rank 1 on b: floating point rounds differently"));
}

TEST(JudgeAnswers, ASlowRankIsAWarning) {
  std::vector<RankAnswers> all = GoodRanks(4);
  all[3].gigaflops = 60;
  const Finding finding = JudgeAnswers(all)[1];
  EXPECT_EQ(finding.severity, Severity::kWarning);
  EXPECT_THAT(finding.text,
              HasSubstr("rank 3 on d multiplies at 60 GFLOP/s, the median rank at 100"));
}

}  // namespace
}  // namespace lockstep
