#include "launch/run/ensemble_member.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

void ExpectMember(const std::string& name, const std::string& run, const std::string& checkpoint) {
  const EnsembleMember member = ParseEnsembleMember(name, {.name = "newest", .weights = "last"});
  EXPECT_EQ(member.run, run) << name;
  EXPECT_EQ(member.checkpoint.name, checkpoint) << name;
  EXPECT_EQ(member.checkpoint.weights, "last") << name;
}

TEST(EnsembleMember, ARunAloneTakesTheCommonCheckpoint) {
  ExpectMember("runs/a", "runs/a", "newest");
}

TEST(EnsembleMember, AColonNamesACheckpoint) {
  ExpectMember("runs/a:300", "runs/a", "300");
  ExpectMember("runs/a:best", "runs/a", "best");
  ExpectMember("runs/a:average", "runs/a", "average");
}

TEST(EnsembleMember, ColonsOfAFolderStay) {
  ExpectMember("runs/12:30/a", "runs/12:30/a", "newest");
  ExpectMember("a:b:newest", "a:b", "newest");
  ExpectMember(":300", ":300", "newest");
  ExpectMember("a:", "a:", "newest");
}

TEST(EnsembleMember, AStepThatNoFileCanHaveIsRefusedByTheNameOfTheOption) {
  ExpectMember("a:999999999999", "a", "999999999999");
  ExpectError(ExitCode::kUsage, "--ensemble a:1000000000000: the number of a step has at most 12",
              [] { ParseEnsembleMember("a:1000000000000", {}); });
}

TEST(EnsembleMember, AnEmptyNameIsRefused) {
  ExpectError(ExitCode::kUsage, "--ensemble: the name of a run is empty; allowed are folders",
              [] { ParseEnsembleMember("", {}); });
}

TEST(EnsembleMember, ANamedCheckpointIsNoMean) {
  const CheckpointChoice mean{.average = 5};
  EXPECT_EQ(ParseEnsembleMember("a", mean).checkpoint.average, 5);
  EXPECT_EQ(ParseEnsembleMember("a:300", mean).checkpoint.average, 0);
}

}  // namespace
}  // namespace lockstep
