#include "launch/report/text_chart.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "base/terminal.h"

namespace lockstep {
namespace {

Curve Straight() { return {{0, 10, 20, 30}, {0, 1, 2, 3}, {0, 0, 0, 0}}; }

TEST(TextChart, AStraightLineOfStarsRisesFromCornerToCorner) {
  const Curve line = Straight();
  const auto lines = DrawTextChart({"loss", &line}, {.columns = 14, .rows = 4, .braille = false});
  EXPECT_THAT(lines, testing::ElementsAre("loss", "       3 |   *", "         |  *", "         | *",
                                          "       0 |*", "          0 30"));
}

TEST(TextChart, BrailleHasTwoTimesFourDotsInACharacter) {
  const Curve line = {{0, 1}, {0, 1}, {0, 0}};
  const auto lines = DrawTextChart({"t", &line}, {.columns = 11, .rows = 1, .braille = true});
  // The left column shows the lowest dot; the right one those from there up to the highest.
  EXPECT_EQ(lines[1], "       0 |\u2878");
}

TEST(TextChart, NoLineIsWiderThanAskedAndNoPeakIsLost) {
  Curve curve;
  for (int i = 0; i < 100'000; ++i) {
    curve.steps.push_back(i);
    curve.values.push_back(i == 77'777 ? 100 : std::sin(i));
  }
  for (const int columns : {20, 40, 79, 200}) {
    const TextChartStyle style{.columns = columns, .rows = 8, .braille = true};
    const auto lines = DrawTextChart({"a title that is longer than twenty", &curve}, style);
    for (const std::string& line : lines) EXPECT_LE(TextColumns(line), columns) << line;
    EXPECT_GT(TextColumns(lines[lines.size() - 1 - style.rows]), 10) << "the peak";
  }
}

TEST(TextChart, OnlyTheLastStepIsShownWhereTheFirstHasNoRoom) {
  const Curve curve = {{1000000, 2000000}, {0, 1}, {0, 0}};
  TextChartStyle style{.columns = 20, .rows = 2, .braille = false};
  EXPECT_EQ(DrawTextChart({"t", &curve}, style).back(), "             2000000");
  style.columns = 25;
  EXPECT_EQ(DrawTextChart({"t", &curve}, style).back(), "          1000000 2000000");
}

TEST(TextChart, ValidationsArePointsAndOnlyColoursHaveEscapes) {
  const Curve line = Straight(), points = {{30}, {3}, {0}};
  TextChartStyle style{.columns = 14, .rows = 4, .braille = false};
  EXPECT_EQ(DrawTextChart({"t", &line, &points}, style)[1], "       3 |   o");
  style.colours = true;
  EXPECT_THAT(DrawTextChart({"t", &line, &points}, style)[1],
              testing::HasSubstr("\033[33mo\033[0m"));
}

// In as many digits as fit beside the axis, by the format of printf for "%.4g" to "%.1g".
TEST(TextChart, LabelsOfTinyAndHugeValuesHaveExponents) {
  const std::pair<double, const char*> labels[] = {
      {1.23456e-300, "1.2e-300"}, {-1.23456e-300, " -1e-300"}, {4.9e-324, "4.9e-324"},
      {9.87654e299, "9.9e+299"},  {-9.87654e299, " -1e+300"},  {123456789, "1.23e+08"},
      {1234.56, "    1235"},      {0.00123456, "0.001235"},    {-1.5e-5, "-1.5e-05"}};
  for (const auto& [value, label] : labels) {
    const Curve curve = {{0, 1}, {0, value}, {0, 0}};
    const auto lines = DrawTextChart({"t", &curve}, {.columns = 20, .rows = 3, .braille = false});
    EXPECT_EQ(lines[value > 0 ? 1 : 3].substr(0, 10), std::string(label) + " |");
    EXPECT_EQ(lines[value > 0 ? 3 : 1].substr(0, 10), "       0 |");
  }
}

TEST(TextChart, ValuesWhoseDifferenceIsNoNumberAreLeftOut) {
  const double most = std::numeric_limits<double>::max();
  const Curve curve = {{0, 1, 2}, {-most, most, 5}, {0, 0, 0}};
  const auto lines = DrawTextChart({"t", &curve}, {.columns = 20, .rows = 3, .braille = false});
  EXPECT_THAT(lines[1], testing::HasSubstr("       5 |"));
}

TEST(TextChart, ValuesThatAreNotFiniteAndEmptyCurvesAreNoTrouble) {
  const double inf = std::numeric_limits<double>::infinity();
  const Curve odd = {{1, 2, 3}, {inf, std::nan(""), 5}, {0, 0, 0}}, none = {{1}, {inf}, {0}};
  const TextChartStyle style{.columns = 30, .rows = 3, .braille = false};
  EXPECT_THAT(DrawTextChart({"t", &odd}, style)[1], testing::HasSubstr("5 |"));
  EXPECT_THAT(DrawTextChart({"t", &none}, style), testing::ElementsAre("t: no values yet"));
  EXPECT_THAT(DrawTextChart({"t"}, style), testing::ElementsAre("t: no values yet"));
}

}  // namespace
}  // namespace lockstep
