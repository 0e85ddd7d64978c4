#include "data/arrays/column_scaling.h"

#include <cmath>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

constexpr double kRounding = 1e-12;

ColumnMoments Moments(const std::vector<double>& values) {
  ColumnMoments moments;
  for (const double value : values) moments.Add(value);
  return moments;
}

TEST(ColumnScaling, MomentsAreThoseOfTheValuesThatAreThere) {
  const ColumnMoments moments = Moments({2, std::nan(""), 4, 4, 6});
  EXPECT_EQ(moments.count(), 4);
  EXPECT_EQ(moments.mean(), 4);
  EXPECT_NEAR(moments.standard_deviation(), std::sqrt(2), kRounding);
  EXPECT_EQ(moments.least(), 2);
  EXPECT_EQ(moments.largest(), 6);
}

TEST(ColumnScaling, ALargeMeanHidesNoSmallSpread) {
  EXPECT_NEAR(Moments({1e9 - 1, 1e9 + 1}).standard_deviation(), 1, 1e-6);
}

TEST(ColumnScaling, RowsAreAddedByColumn) {
  std::vector<ColumnMoments> columns(2);
  AddRows(std::vector<double>{1, 10, 3, 30}, columns);
  EXPECT_EQ(columns[0].mean(), 2);
  EXPECT_EQ(columns[1].mean(), 20);
}

TEST(ColumnScaling, RulesGiveOffsetAndScale) {
  const ColumnMoments moments = Moments({1, 5});
  const ColumnScale standard = ScaleOf("a", moments, ScalingRule::kStandard);
  EXPECT_EQ(standard.Scaled(5), 1);
  EXPECT_EQ(standard.Unscaled(-1), 1);
  EXPECT_EQ(ScaleOf("a", moments, ScalingRule::kRange).Scaled(5), 1);
  EXPECT_EQ(ScaleOf("a", moments, ScalingRule::kRange).Scaled(1), 0);
  EXPECT_EQ(ScaleOf("a", moments, ScalingRule::kNone).Scaled(5), 5);
  EXPECT_EQ(ScaleOf("a", moments, ScalingRule::kNone).mean, 3);
}

TEST(ColumnScaling, AConstantColumnBecomesZero) {
  for (const ScalingRule rule : {ScalingRule::kStandard, ScalingRule::kRange}) {
    const ColumnScale scale = ScaleOf("a", Moments({0.1, 0.1, 0.1}), rule);
    EXPECT_EQ(scale.scale, 1);
    EXPECT_EQ(scale.Scaled(0.1), 0);
  }
  EXPECT_TRUE(Moments({7}).is_constant());
  EXPECT_FALSE(Moments({}).is_constant());
}

TEST(ColumnScaling, RulesHaveNames) {
  EXPECT_EQ(ParseScalingRule("range", "--normalise"), ScalingRule::kRange);
  ExpectError(ExitCode::kUsage, "--normalise is \"minmax\"; allowed are none, standard and range",
              [] { ParseScalingRule("minmax", "--normalise"); });
}

}  // namespace
}  // namespace lockstep
