// The reports of a run: metrics.jsonl for programs, progress lines or a live bar for people. All
// rates are over the time since the last line of the same kind.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "data/corpus/shard_format.h"
#include "trainer/estimate/memory_bound.h"
#include "trainer/evaluation/evaluator.h"
#include "trainer/evaluation/gradient_by_time.h"
#include "trainer/report/event_log.h"
#include "trainer/report/metrics_log.h"
#include "trainer/report/progress.h"
#include "trainer/save/training_state.h"
#include "trainer/step/train_step.h"
#include "trainer/watch/skipped_samples.h"

namespace lockstep {

// The unit shown to the user, e.g. bases or hours of audio. A throughput of 1 h of audio per h
// equals 1 s per s.
struct CountedUnit {
  std::string name;
  std::string rate;
  std::string rate_key;  // key of the rate in metrics.jsonl
  double per_step = 1;   // units in one step of a sequence
};

// Seconds since the start of training.
struct RunSeconds {
  double wait = 0;         // waiting for data
  double communicate = 0;  // in exchanges, including the wait for slower ranks
};

class RunReport {
 public:
  // `model` must outlive it. Rank 0 passes the run folder, whose metrics.jsonl is cut back to
  // `state.metrics_bytes`; other ranks pass an empty path. `before_commit` is called before the
  // file is replaced; it may throw to refuse that.
  RunReport(const CorpusInfo& corpus, const TrainerOptions& options, const Model<float>& model,
            const std::string& run_folder, const TrainingState& state,
            FunctionRef<void()> before_commit);

  // Writes the first line of metrics.jsonl, of kind "run": what a run of these settings was begun
  // with. Does nothing where the file has lines already.
  void Header(const std::map<std::string, std::string>& config, const std::string& version,
              const std::string& isa, int ranks);

  const CountedUnit& unit() const { return unit_; }
  // Says that training begins at `step`, `epochs` epochs having passed. Rates count from here.
  void Start(Index step, double epochs, const RunSeconds& seconds);
  // Reports a step that was not skipped; `state` is the one after it, and `epochs` says how many
  // epochs have passed by then, with the part that has passed of the last one.
  void Step(const TrainingState& state, double epochs, const RankBatch& batch,
            const StepResult& result, double learning_rate, const RunSeconds& seconds);
  // Reports a step that was skipped. It is always written to metrics.jsonl, whatever log.every is.
  void Skipped(const TrainingState& state, const SkippedSamples& skipped);
  void Trace(const TrainingState& state, const GradientByTime& found);
  void Validation(const TrainingState& state, const Evaluation& found, bool better);
  // Ends a live bar so that a log line can follow.
  void ClearProgress() { progress_.Clear(); }
  // The length of metrics.jsonl with all lines so far.
  Index metrics_bytes() const { return metrics_.bytes(); }
  // Any thread. Returns when the first `bytes` bytes of metrics.jsonl are durable; IoError if that
  // fails.
  void SyncMetrics(Index bytes) { metrics_.Sync(bytes); }

 private:
  struct Interval {
    double start = 0;
    RunSeconds seconds;
    Index units = 0;  // time steps of sequences
    Index steps = 0;  // training steps
    double flops = 0;
  };
  void AddShares(const StepSums& sums, nlohmann::ordered_json* record) const;
  // Appends a line to metrics.jsonl, and its figures to the event file.
  void Log(const nlohmann::ordered_json& record);
  // How much of the training is done, 0 to 1; nothing if it has no end.
  std::optional<double> ShareDone(Index step, double epochs) const;
  static Interval Between(const Interval& mark, const Interval& now);
  void WriteMetrics(const TrainingState& state, const RankBatch& batch, const StepResult& result,
                    double learning_rate, const Interval& past);
  void ShowProgress(const TrainingState& state, double epochs, const RankBatch& batch,
                    const StepResult& result, double learning_rate, const Interval& past);

  // Whether a validation is told on the screen: of runs with a validation each moment, only some.
  bool TellsValidation();

  TrainerOptions options_;
  CountedUnit unit_;
  const Model<float>& model_;
  MetricsLog metrics_;
  std::optional<EventLog> events_;  // with log.tensorboard, on rank 0
  Progress progress_;
  double started_at_ = 0;              // when training began
  std::optional<double> start_share_;  // what was done of it then
  Interval metrics_mark_;
  Interval progress_mark_;
  Index units_ = 0;   // time steps of sequences since the start
  double flops_ = 0;  // floating-point operations since the start
  Index validations_ = 0;
  double told_at_ = 0;  // when the last validation was told
};

}  // namespace lockstep
