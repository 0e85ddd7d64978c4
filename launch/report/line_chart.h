// Charts of curves as SVG for a page: they fit the width of the page, and take their colours for
// text and grid from it, so that they can be read in light and dark.
#pragma once

#include <string>
#include <vector>

#include "launch/report/run_curves.h"

namespace lockstep {

struct ChartLine {
  std::string name;
  const Curve* curve = nullptr;
  bool has_points = false;  // marks each value, for curves of few values
};

// A step at which the run was started again.
struct ChartMark {
  double step = 0;
  std::string label = {};  // stands beside the line, where the lines are few
};

struct Chart {
  std::string title = {};
  std::string x_title = "step", y_title = {};
  bool logarithmic = false;  // the vertical axis; values of 0 and below are left out then
  std::vector<ChartLine> lines = {};
  std::vector<ChartMark> marks = {};  // a vertical line each
  std::vector<double> crosses = {};   // steps with a triangle at the lower edge: skipped ones
  std::vector<double> ticks = {};     // steps with a tick at the upper edge: clipped ones
};

// The chart as one <svg> element, or a sentence if there is nothing finite to draw. At most 2 x 500
// points of each line are drawn, the lowest and the highest of each stretch, so that its size does
// not grow with the run. Lines differ in colour and, from the second on, in their dashes; the style
// of the page gives the classes c0 to c5 their colours. Names of lines stand below the chart.
std::string DrawChart(const Chart& chart);

}  // namespace lockstep
