// What the files in a run folder say of a run, for `lockstep report`; also of a run that has only
// begun, or that has lost its checkpoints.
#pragma once

#include <string>

#include "launch/report/report_page.h"

namespace lockstep {

// The curves of a run. MissingInput if there are none; lines that cannot be read are left out with
// a warning.
RunCurves ReadCurves(const std::string& run_folder);

// The curves, settings, arrays, data and facts of a run; no parts. Settings and data that cannot be
// read are left out with a warning. One process.
ReportedRun LoadReportedRun(const std::string& run_folder);

}  // namespace lockstep
