// The page of a report: charts and tables of one run, or of several side by side.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "launch/report/run_curves.h"

namespace lockstep {

// What a report knows of a run.
struct ReportedRun {
  RunCurves curves;
  struct Setting {
    std::string value, origin;
  };
  std::map<std::string, Setting> settings;  // of config.toml, by key
  struct Array {
    std::string name, shape;
    Index parameters = 0;
  };
  std::vector<Array> arrays;  // of the newest checkpoint, if there is one
  std::vector<std::pair<std::string, std::string>> facts;  // shown at the top: name and value
};

// The settings of a run folder; none if it has no config.toml.
std::map<std::string, ReportedRun::Setting> ReadSettings(const std::string& run_folder);

// The first line of each page: what tells a report of ours from another file of that name.
inline constexpr const char* kReportMark = "<!-- a report of lockstep -->";

// A whole page that needs no script, no network and no other file. The first run is the one that is
// reported; others are drawn beside it, and keys whose values differ are listed.
std::string ReportPage(const std::vector<ReportedRun>& runs);

}  // namespace lockstep
