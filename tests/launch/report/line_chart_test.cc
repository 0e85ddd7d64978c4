#include "launch/report/line_chart.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lockstep {
namespace {

// The attribute d of the line.
std::string PathOf(const Curve& curve) {
  const std::string svg = DrawChart({.title = "t", .lines = {{"line", &curve}}});
  const std::size_t begin = svg.find(" d=\"M", svg.find("class=\"line c0\"")) + 4;
  return svg.substr(begin, svg.find('"', begin) - begin);
}

TEST(LineChart, ItsSizeDoesNotGrowWithTheCurve) {
  Curve curve;
  for (int i = 0; i < 100'000; ++i) {
    curve.steps.push_back(i);
    curve.values.push_back(std::sin(i / 100.0));
  }
  EXPECT_LT(DrawChart({.title = "sine", .lines = {{"line", &curve}}}).size(), 30'000u);
}

TEST(LineChart, ALongCurveIsDrawnUpToItsLastStep) {
  Curve curve;
  for (int i = 1; i <= 10'000; ++i) {
    curve.steps.push_back(i);
    curve.values.push_back(i % 10 == 5 ? 1 : i % 10 == 6 ? -1 : 0);
  }
  const std::string svg = DrawChart({.title = "wave", .lines = {{"line", &curve}}});
  EXPECT_NE(svg.find(">10k</text>"), std::string::npos);
}

TEST(LineChart, APeakOfOneStepIsStillDrawn) {
  Curve curve;
  for (int i = 0; i < 10'000; ++i) {
    curve.steps.push_back(i);
    curve.values.push_back(i == 7'777 ? 100 : 0);
  }
  const std::string svg = DrawChart({.title = "peak", .lines = {{"line", &curve}}});
  // The axis goes from -4 to 104, so the peak lies 4/108 below the upper edge of 190 pixels at 46.
  EXPECT_NE(svg.find(" 53.0"), std::string::npos) << svg.substr(0, 2000);
}

TEST(LineChart, ValuesThatAreNotFiniteAreLeftOut) {
  const double inf = std::numeric_limits<double>::infinity();
  const Curve curve = {{1, 2, 3, 4}, {1, std::nan(""), inf, 2}, {0, 0, 0, 0}};
  const std::string svg = DrawChart({.title = "t", .lines = {{"line", &curve}}});
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
  const Curve none = {{1}, {inf}, {0}};
  EXPECT_EQ(DrawChart({.title = "a < b", .lines = {{"line", &none}}}),
            "<p>a &lt; b: nothing to draw yet.</p>\n");
}

TEST(LineChart, ALineHasAGapWhereAValueIsMissing) {
  const double nan = std::nan("");
  const Curve curve = {{1, 2, 3, 4, 5, 6, 7}, {1, 2, nan, 3, nan, 1, 2}, std::vector<double>(7)};
  const std::string path = PathOf(curve);
  EXPECT_EQ(std::count(path.begin(), path.end(), 'M'), 3) << path;
  EXPECT_EQ(std::count(path.begin(), path.end(), 'L'), 2) << path;
  EXPECT_EQ(std::count(path.begin(), path.end(), 'h'), 1) << path;  // the lone value
}

TEST(LineChart, ALongLineHasItsGaps) {
  Curve curve;
  for (int i = 0; i < 100'000; ++i) {
    curve.steps.push_back(i);
    curve.values.push_back(i / 10'000 % 2 == 1 && i % 10'000 < 500 ? std::nan("") : i % 100);
  }
  const std::string path = PathOf(curve);
  EXPECT_EQ(std::count(path.begin(), path.end(), 'M'), 6) << path.substr(0, 500);
}

TEST(LineChart, ALongLineIsNotBrokenByLoneMissingValues) {
  Curve curve;
  for (int i = 0; i < 100'000; ++i) {
    curve.steps.push_back(i);
    curve.values.push_back(i % 100 == 50 ? std::nan("") : i % 7);
  }
  const std::string path = PathOf(curve);
  EXPECT_EQ(std::count(path.begin(), path.end(), 'M'), 1) << path.substr(0, 500);
}

TEST(LineChart, NumbersOfTheAxisDifferWhereValuesAreAllLarge) {
  const Curve curve = {{1, 2, 3}, {123456.1, 123456.9, 123456.4}, {0, 0, 0}};
  const std::string svg = DrawChart({.title = "t", .lines = {{"line", &curve}}});
  EXPECT_NE(svg.find(">123.4562k</text>"), std::string::npos) << svg;
  EXPECT_NE(svg.find(">123.4568k</text>"), std::string::npos) << svg;
}

TEST(LineChart, HugeNumbersOfTheAxisHaveExponentsAndNoUnit) {
  const Curve curve = {{1, 2}, {0, 4e20}, {0, 0}};
  const std::string svg = DrawChart({.title = "t", .lines = {{"line", &curve}}});
  EXPECT_NE(svg.find(">2e+20</text>"), std::string::npos) << svg;
  EXPECT_EQ(svg.find("G</text>"), std::string::npos) << svg;
}

TEST(LineChart, ValuesThatDifferByTheirRoundingOnlyHaveFewTicks) {
  for (const double value : {1.0, -0.7, 1e290, 1e-310}) {
    for (const bool logarithmic : {false, true}) {
      const Curve curve = {{1, 2}, {value, std::nextafter(value, 2 * value)}, {0, 0}};
      const std::string svg =
          DrawChart({.title = "t", .logarithmic = logarithmic, .lines = {{"line", &curve}}});
      EXPECT_LT(svg.size(), 5'000u) << value;
      EXPECT_EQ(svg.find("nan"), std::string::npos) << value;
    }
  }
}

TEST(LineChart, ALogarithmicAxisHasNoPlaceForZero) {
  const Curve curve = {{1, 2, 3}, {0, 1, 1000}, {0, 0, 0}};
  const std::string svg =
      DrawChart({.title = "t", .logarithmic = true, .lines = {{"line", &curve, true}}});
  EXPECT_NE(svg.find(">1000</text>"), std::string::npos);
  EXPECT_EQ(svg.find("step 1:"), std::string::npos);
  EXPECT_NE(svg.find("step 3: 1000"), std::string::npos);
}

TEST(LineChart, NamesOfManyRunsStandInRowsBelowAndLongOnesAreCut) {
  const Curve curve = {{1, 2}, {1, 2}, {0, 0}};
  Chart chart{.title = "t"};
  for (int i = 0; i < 5; ++i) chart.lines.push_back({std::string(100, 'a') + "end", &curve});
  const std::string svg = DrawChart(chart);
  EXPECT_EQ(svg.find(std::string(60, 'a')), std::string::npos);
  EXPECT_NE(svg.find("viewBox=\"0 0 480 368\""), std::string::npos) << svg.substr(0, 200);
}

TEST(LineChart, StartsHaveTheirRankCountsAndClippedStepsShareOnePath) {
  const Curve curve = {{1, 100}, {1, 2}, {0, 0}};
  Chart chart{.title = "t", .lines = {{"line", &curve}}};
  chart.marks = {{50, "4 ranks"}, {500, "beyond"}};
  for (int step = 1; step <= 100; ++step) chart.ticks.push_back(step);
  const std::string svg = DrawChart(chart);
  EXPECT_NE(svg.find("started again after step 50, 4 ranks"), std::string::npos);
  EXPECT_EQ(svg.find("beyond"), std::string::npos);
  EXPECT_EQ(svg.find("class=\"clipped\""), svg.rfind("class=\"clipped\""));
}

TEST(LineChart, TheAxisOfAShortRunHasWholeSteps) {
  const Curve curve = {{1, 2}, {5, 6}, {0, 0}};
  const std::string svg = DrawChart({.title = "t", .lines = {{"line", &curve}}});
  EXPECT_NE(svg.find("text-anchor=\"middle\">1</text>"), std::string::npos) << svg;
  EXPECT_EQ(svg.find("text-anchor=\"middle\">0.5</text>"), std::string::npos) << svg;
}

TEST(LineChart, OneValueIsAPoint) {
  const Curve curve = {{5}, {2}, {0}};
  EXPECT_NE(DrawChart({.title = "t", .lines = {{"line", &curve}}}).find("<circle"),
            std::string::npos);
}

}  // namespace
}  // namespace lockstep
