// Shows the progress of a run to people: on a terminal as one live bar, otherwise (in a file, as
// under SLURM) as plain lines at a fixed interval, without control characters. Rank 0 only.
#pragma once

#include <optional>
#include <string>

#include "trainer/options/trainer_options.h"

namespace lockstep {

// The contents of the line. Rates are over the time since the previous line.
struct ProgressLine {
  Index step = 0;
  Index last_step = 0;  // the step after which training ends; 0 if unknown
  Index epoch = 0;
  std::optional<double> share = {};         // how much of the training is done, [0, 1]
  std::optional<double> seconds_left = {};  // until it is done
  std::optional<double> limit_left = {};    // seconds until the time limit of the run or its job
  double loss = 0;                          // mean over targets
  std::optional<double> accuracy;           // if the model counts correct targets
  double gradient_norm = 0;
  double learning_rate = 0;
  double unit_rate = 0;  // in the unit below
  std::string unit;      // "bases/s", "h of audio/h"
  double gflops_per_second = 0;
  double data_share = 0;           // share of the time spent waiting for data, [0, 1]
  double communication_share = 0;  // share of the time spent in exchanges, [0, 1]
};
// With `columns` the line is made to fit by leaving out what matters least; 0: no bound. A live
// line begins with a bar and a percentage where the end is known and there is room.
std::string FormatProgress(const ProgressLine& line, int columns = 0, bool live = false);

class Progress {
 public:
  Progress(const LogOptions& options, bool enabled);
  ~Progress();

  // True if it is time to show something.
  bool Due() const;
  void Show(const ProgressLine& line);
  void Clear();

 private:
  LogOptions options_;
  bool enabled_;
  bool terminal_;
  double shown_at_;
  bool shown_ = false;
};

}  // namespace lockstep
