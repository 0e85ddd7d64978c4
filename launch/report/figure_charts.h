// The charts of a report: one for each figure of the runs, with all runs in it.
#pragma once

#include <string>
#include <vector>

#include "launch/report/report_page.h"

namespace lockstep {

// The section of the page with the curves: the loss, the metrics of the task, and how training
// went. At least one run; figures that none of them has get no chart. Starts, skipped and clipped
// steps are those of the first run.
std::string FigureCharts(const std::vector<ReportedRun>& runs);

}  // namespace lockstep
