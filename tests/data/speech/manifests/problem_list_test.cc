#include "data/speech/manifests/problem_list.h"

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

TEST(ProblemList, AllAreToldInTheOrderOfTheManifests) {
  ProblemList problems(1, 3);
  problems.Add({1, 5}, "b.tsv:6", "x", "is silent");
  problems.Add({0, 7}, "a.tsv:8", "", "has no path");
  problems.Add({0, 2}, "a.tsv:3", "y", "is too long");
  problems.Add({0, 2}, "a.tsv:3", "y", "is counted once");
  problems.Add({2, 0}, "c.tsv:2", "z", "is too short");
  EXPECT_TRUE(problems.too_many());
  ExpectError(ExitCode::kBadData,
              "manifest m: 4 bad utterances, 1 may be left out:\n"
              "  a.tsv:3: utterance \"y\": is too long\n"
              "  a.tsv:8: has no path\n"
              "  b.tsv:6: utterance \"x\": is silent\n"
              "  and 1 more\n",
              [&] { problems.Settle("manifest m"); });
}

TEST(ProblemList, AsManyAsAreAllowedAreLeftOut) {
  ProblemList problems(2);
  problems.Add({0, 1}, "a:1", "x", "bad");
  problems.Add({0, 2}, "a:2", "y", "bad");
  EXPECT_FALSE(problems.too_many());
  EXPECT_NO_THROW(problems.Settle("m"));
}

}  // namespace
}  // namespace lockstep
