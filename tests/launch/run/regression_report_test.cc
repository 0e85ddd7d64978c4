#include "launch/run/regression_report.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

constexpr double kRounding = 1e-12;

CorpusInfo Corpus(Index width, const std::string& task) {
  CorpusInfo corpus;
  corpus.task = task;
  corpus.schema.fields = {{.name = "inputs", .type = ElementType::kFloat32},
                          {.name = "targets",
                           .type = ElementType::kFloat32,
                           .width = width,
                           .role = FieldRole::kTarget}};
  return corpus;
}

TEST(RegressionReport, ErrorsAreThoseOfTheirDefinitions) {
  RegressionSums sums;  // truths 1, 2, 3 about the mean 10; predictions 1, 2, 5
  for (const auto& [truth, error] : {std::pair(-9.0, 0.0), {-8.0, 0.0}, {-7.0, 2.0}}) {
    sums.Add(truth, error);
  }
  EXPECT_NEAR(sums.R2(), 1 - 4.0 / 2, kRounding);
  EXPECT_NEAR(sums.Rmse(), std::sqrt(4.0 / 3), kRounding);
  EXPECT_NEAR(sums.Mae(), 2.0 / 3, kRounding);
}

TEST(RegressionReport, WithoutSpreadThereIsNothingToExplain) {
  RegressionSums sums;
  EXPECT_TRUE(std::isnan(sums.R2()));
  EXPECT_TRUE(std::isnan(sums.Rmse()));
  sums.Add(3, 1);
  sums.Add(3, -1);
  EXPECT_TRUE(std::isnan(sums.R2()));
  EXPECT_EQ(sums.Rmse(), 1);
}

TEST(RegressionReport, UnitsAreThoseOfTheImporter) {
  const auto units = TargetUnitsOf(
      Corpus(1, R"({"targets": [{"name": "flow", "mean": 3, "offset": 2, "scale": 4}]})"));
  ASSERT_EQ(units.size(), 1u);
  EXPECT_EQ(units[0].name, "flow");
  EXPECT_EQ(units[0].scale, 4);
  EXPECT_EQ(TargetUnitsOf(Corpus(2, ""))[1].name, "target[1]");
  ExpectError(ExitCode::kBadData, "task/targets/0 has no \"name\"",
              [] { TargetUnitsOf(Corpus(1, R"({"targets": [{}]})")); });
}

TEST(RegressionReport, ARowPerTarget) {
  RegressionReport report({{"flow"}});
  report.sums()[0].Add(1, 0.5);
  report.sums()[0].Add(-1, -0.5);
  EXPECT_THAT(report.ToText(), testing::HasSubstr("flow                         2    0.7500"));
  EXPECT_EQ(report.ToJson()["targets"][0]["mae"], 0.5);
}

}  // namespace
}  // namespace lockstep
