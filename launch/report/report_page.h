// The page of a report: charts and tables of one run, or of several side by side.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "launch/output/report_part.h"
#include "launch/report/run_curves.h"

namespace lockstep {

// What a report knows of a run.
struct ReportedRun {
  RunCurves curves;
  struct Setting {
    std::string value, origin;
  };
  std::map<std::string, Setting> settings;  // of config.toml, by key; of later runs, too
  struct Array {
    std::string name, shape;
    Index parameters = 0;
  };
  std::vector<Array> arrays;  // of the newest checkpoint, if there is one
  // What the corpus holds: a row for each split, and the labels of the training split where they
  // are few.
  struct Split {
    std::string name;
    Index sequences = 0, steps = 0, longest = 0;
  };
  std::vector<Split> splits;
  // The sources of the training split, if it has several.
  struct Source {
    std::string name;
    Index sequences = 0, steps = 0;
    double reads = 0;  // of its sequences in an epoch, on average
  };
  std::vector<Source> sources;
  bool mixes_corpora = false;                              // by data.mix
  std::string unit;                                        // of the steps, "bases"
  std::vector<std::pair<std::string, Index>> labels;       // name and number in the training split
  ReportParts parts;                                       // what the model makes of samples
  std::vector<std::pair<std::string, std::string>> facts;  // shown at the top: name and value
};

// The first line of each page: what tells a report of ours from another file of that name.
inline constexpr const char* kReportMark = "<!-- a report of lockstep -->";

// A whole page that needs no script, no network and no other file, of less than 2 MiB: parts that
// would make it larger are left out, and named. The first run is the one that is reported; others
// are drawn beside it, and keys whose values differ are listed.
std::string ReportPage(const std::vector<ReportedRun>& runs);

}  // namespace lockstep
