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

struct Chart {
  std::string title = {};
  std::string x_title = "step", y_title = {};
  bool logarithmic = false;  // the vertical axis; values of 0 and below are left out then
  std::vector<ChartLine> lines = {};
  std::vector<double> marks = {};    // steps at which a vertical line is drawn: starts of the run
  std::vector<double> crosses = {};  // steps that are marked at the lower edge: skipped ones
};

// The chart as one <svg> element, or a sentence if there is nothing finite to draw. At most 2 x 500
// points of each line are drawn, the lowest and the highest of each stretch, so that its size does
// not grow with the run. Lines differ in colour (Okabe and Ito 2008, for colour-blind readers) and
// in their dashes.
std::string DrawChart(const Chart& chart);

}  // namespace lockstep
