// The curves of a run as its metrics.jsonl tells them: what every report and export is made of.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/types.h"
#include "trainer/report/metrics_line.h"

namespace lockstep {

// One figure over the steps of a run. Values may be NaN or infinite.
struct Curve {
  std::vector<double> steps, values, seconds;  // of equal length; seconds since 1970
};

// A start of the run, which may have had other ranks than the one before.
struct RunStart {
  Index step = 0;  // the last step before it
  std::string time, version, isa;
  Index ranks = 0, threads = 0;
};

struct RunCurves {
  std::string name;                         // the run folder, without what is before it
  std::map<std::string, Curve> training;    // by the figures' names in lines of kind "step"
  std::map<std::string, Curve> validation;  // the same of kind "validation"
  std::vector<RunStart> starts;
  std::vector<double> skipped;  // steps whose gradient was not used, ascending
  std::vector<double> clipped;  // logged steps whose gradient was scaled down
  double best_step = -1;        // of the best validation; -1: there was none
  double last_step = 0;
  double last_seconds = 0;     // time of the last line that has one, since 1970; 0: none
  Index unreadable_lines = 0;  // that are no lines of ours
  Index left_out_figures = 0;  // values of figures beyond the first 100 names

  bool empty() const { return training.empty() && validation.empty(); }
};

// Reads RUN/metrics.jsonl, and goes on reading while the run writes it.
class RunCurveReader {
 public:
  // MissingInput if there is no such file.
  explicit RunCurveReader(const std::string& run_folder);

  // Reads what is new; from the beginning if the file was replaced, as each start of the run does.
  // A last line without an end waits for the next call, since the run may be writing it. Lines that
  // are no objects of ours, or longer than 1 MiB, are counted and passed over.
  void Update();
  const RunCurves& curves() const { return curves_; }

 private:
  void BeginAnew();
  void ReadStarts();
  void TakeText(std::string_view text);
  void TakeLine(std::string_view text);

  std::string run_folder_, path_;
  RunCurves curves_;
  std::string rest_;       // the beginning of a line that has no end yet
  bool too_long_ = false;  // rest_ was dropped: the line is passed over up to its end
  Index offset_ = 0;       // bytes read
  Index file_ = -1;        // number of the file's inode
};

// The last part of the path of a folder, which stands for it in pages.
std::string NameOfFolder(const std::string& folder);

// The curves of a run as they are now.
RunCurves ReadRunCurves(const std::string& run_folder);

}  // namespace lockstep
