// What a person sees of a run while it goes on: one live bar on a terminal; in a file (the usual
// case under SLURM) a plain line at a fixed interval and never a control character. Rank 0 only.
#pragma once

#include <optional>
#include <string>

#include "trainer/options/trainer_options.h"

namespace lockstep {

// What the line says; rates over the time since the line before.
struct ProgressLine {
  Index step = 0;
  Index last_step = 0;  // 0 when unknown
  Index epoch = 0;
  double loss = 0;                 // mean over targets
  std::optional<double> accuracy;  // where the model counts what is right
  double gradient_norm = 0;
  double learning_rate = 0;
  double steps_per_second = 0;  // training steps
  double unit_rate = 0;         // of what people count a corpus in
  std::string unit;             // "bases/s", "h of audio/h"
  double gflops_per_second = 0;
  double data_share = 0;  // of the time waiting for data
  double communication_share = 0;
};
std::string FormatProgress(const ProgressLine& line);

class Progress {
 public:
  Progress(const LogOptions& options, bool enabled);
  ~Progress();

  // Time to show something?
  bool Due() const;
  void Show(const ProgressLine& line);
  // Ends a live bar so that a log line can follow.
  void Clear();

 private:
  LogOptions options_;
  bool enabled_;
  bool terminal_;
  double shown_at_;
  bool bar_on_screen_ = false;
};

}  // namespace lockstep
