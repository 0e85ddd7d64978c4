// What `lockstep watch` shows of a run: a line that sums it up, curves, and the last values of the
// other figures.
#pragma once

#include <string>
#include <vector>

#include "launch/report/run_curves.h"
#include "launch/report/text_chart.h"

namespace lockstep {

struct WatchScreen {
  std::string run_folder;
  Index last_step = 0, last_epoch = 0;    // after which training ends; 0: no bound
  bool is_done = false;                   // done.json is there
  Index done_step = -1, done_epoch = -1;  // where the run ended by done.json; -1: it does not say
  double now = 0;                         // seconds since 1970
  std::vector<std::string> figures;       // those that get a curve; empty: loss and metrics
  int rows = 0;                           // of the screen; 0: no bound
  TextChartStyle style;                   // columns, letters and colours; its rows are chosen
};

// The lines of the screen. UsageError for a figure that the run does not have (after its first
// lines), naming those that it has.
std::vector<std::string> DrawWatchScreen(const RunCurves& run, const WatchScreen& screen);

}  // namespace lockstep
