#include "launch/report/line_chart.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace lockstep {
namespace {

TEST(LineChart, ItsSizeDoesNotGrowWithTheCurve) {
  Curve curve;
  for (int i = 0; i < 100'000; ++i) {
    curve.steps.push_back(i);
    curve.values.push_back(std::sin(i / 100.0));
  }
  EXPECT_LT(DrawChart({.title = "sine", .lines = {{"line", &curve}}}).size(), 30'000u);
}

TEST(LineChart, APeakOfOneStepIsStillDrawn) {
  Curve curve;
  for (int i = 0; i < 10'000; ++i) {
    curve.steps.push_back(i);
    curve.values.push_back(i == 7'777 ? 100 : 0);
  }
  const std::string svg = DrawChart({.title = "peak", .lines = {{"line", &curve}}});
  // The axis goes from -4 to 104, so the peak lies 4/108 below the upper edge of 240 pixels.
  EXPECT_NE(svg.find(" 42.9"), std::string::npos) << svg.substr(0, 2000);
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

TEST(LineChart, ALogarithmicAxisHasNoPlaceForZero) {
  const Curve curve = {{1, 2, 3}, {0, 1, 1000}, {0, 0, 0}};
  const std::string svg =
      DrawChart({.title = "t", .logarithmic = true, .lines = {{"line", &curve, true}}});
  EXPECT_NE(svg.find(">1000</text>"), std::string::npos);
  EXPECT_EQ(svg.find("step 1:"), std::string::npos);
  EXPECT_NE(svg.find("step 3: 1000"), std::string::npos);
}

TEST(LineChart, OneValueIsAPoint) {
  const Curve curve = {{5}, {2}, {0}};
  EXPECT_NE(DrawChart({.title = "t", .lines = {{"line", &curve}}}).find("<circle"),
            std::string::npos);
}

}  // namespace
}  // namespace lockstep
