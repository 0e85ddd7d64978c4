// The metrics of a run for other programs: a table of comma-separated values, and event files for
// TensorBoard.
#pragma once

#include <string>

#include "launch/report/run_curves.h"

namespace lockstep {

// One row per logged step and per validation, in the order of the steps; columns: step, kind
// (training or validation), and all figures in the order of the alphabet. A figure that a row does
// not have is empty.
std::string CurvesAsCsv(const RunCurves& run);

// An event file with a scalar for each figure, "training/loss" and the like, by step
// (trainer/report/event_records.h).
std::string CurvesAsEvents(const RunCurves& run);

}  // namespace lockstep
