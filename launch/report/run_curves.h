// The curves of a run as its metrics.jsonl tells them: what every report and export is made of.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

// One figure over the steps of a run. Values may be NaN or infinite.
struct Curve {
  std::vector<double> steps, values, seconds;  // of equal length; seconds since 1970
};

// A start of the run, which may have had other ranks than the one before.
struct RunStart {
  Index step = 0;  // the last step before it that was logged
  std::string time, version, isa;
  Index ranks = 0, threads = 0;
};

struct RunCurves {
  std::string name;                         // the run folder, without what is before it
  std::map<std::string, Curve> training;    // by the figures' names in lines of kind "step"
  std::map<std::string, Curve> validation;  // the same of kind "validation"
  std::vector<RunStart> starts;
  std::vector<double> skipped;  // steps whose gradient was not used
  double best_step = -1;        // of the best validation; -1: there was none
  double last_step = 0;
  Index unreadable_lines = 0;  // such as half a line of a run that is being written

  bool empty() const { return training.empty() && validation.empty(); }
};

// Reads RUN/metrics.jsonl, also while the run goes on. MissingInput if there is none. Lines that
// are no objects of ours are counted and passed over.
RunCurves ReadRunCurves(const std::string& run_folder);

}  // namespace lockstep
