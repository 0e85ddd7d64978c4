// Scalars of other programs beside the curves of a run, for `lockstep report --events`.
#pragma once

#include <string>
#include <vector>

#include "launch/report/report_page.h"

namespace lockstep {

// Reads the event files of `path`, a file or a folder; appends what is drawn of them as a run, and
// a table of all scalars as a part. BadData if there are no scalars; what else is wrong with the
// files becomes warnings, and stands below the table.
void AddEvents(const std::string& path, std::vector<ReportedRun>* runs, ReportParts* parts);

}  // namespace lockstep
