// Curves as text, for terminals: dots of the Braille patterns of Unicode, two columns by four rows
// in one character, or stars where the terminal knows ASCII only.
#pragma once

#include <string>
#include <vector>

#include "launch/report/run_curves.h"

namespace lockstep {

struct TextChart {
  std::string title;
  const Curve* line = nullptr;    // drawn as a line; may be null
  const Curve* points = nullptr;  // drawn as an "o" for each value; may be null
};

struct TextChartStyle {
  int columns = 80;      // no line is longer
  int rows = 8;          // of the plot itself; the title and the horizontal axis come on top
  bool braille = true;   // else stars
  bool colours = false;  // ANSI colours for line and points
};

// A text on one line if it fits into `columns`, else on as many lines as its words need: no figure
// in it is cut, but a word that is wider than a line is. Titles of charts are shown so.
std::vector<std::string> FittedLines(const std::string& text, int columns);

// The lines of the chart, from the title to the horizontal axis, without line ends. A column of
// dots shows the range of the values in its stretch of steps, so no peak is lost. Values that are
// not finite are left out; a chart without finite values is a title that says so.
std::vector<std::string> DrawTextChart(const TextChart& chart, const TextChartStyle& style);

// Whether the locale of the environment (LC_ALL, LC_CTYPE, LANG) is one of UTF-8.
bool LocaleIsUtf8();

}  // namespace lockstep
