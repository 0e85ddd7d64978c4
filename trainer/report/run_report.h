// What a run tells of itself: metrics.jsonl for programs, lines and a bar of progress for people.
// Figures are over the time since the last line of the same kind.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "data/corpus/shard_format.h"
#include "trainer/estimate/memory_bound.h"
#include "trainer/evaluation/evaluator.h"
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
  std::string rate_key;  // in metrics.jsonl
  double per_step = 1;   // units in one step of a sequence
};

// Seconds since the start.
struct RunSeconds {
  double wait = 0;         // for data
  double communicate = 0;  // exchanges, waiting for slower ranks included
};

class RunReport {
 public:
  // `model` must outlive it. Rank 0 appends to `metrics_path`, cut back to the state's
  // `metrics_bytes`, once `before_commit` does not refuse it; the others pass an empty path.
  RunReport(const CorpusInfo& corpus, const TrainerOptions& options, const Model<float>& model,
            const std::string& metrics_path, const TrainingState& state,
            FunctionRef<void()> before_commit);

  const CountedUnit& unit() const { return unit_; }
  // Training begins at `step`; what came before is not in any figure.
  void Start(Index step, const RunSeconds& seconds);
  // A step that brought the run to `state`.
  void Step(const TrainingState& state, const RankBatch& batch, const StepResult& result,
            double learning_rate, const RunSeconds& seconds);
  // A step that was skipped; in metrics.jsonl whatever log.every is.
  void Skipped(const TrainingState& state, const SkippedSamples& skipped);
  void Validation(const TrainingState& state, const Evaluation& found, bool better);
  // Ends a live bar so that a log line can follow.
  void ClearProgress() { progress_.Clear(); }
  // Makes metrics.jsonl durable; returns its length.
  Index metrics_bytes() const { return metrics_.bytes(); }
  // Any thread. Returns when so many bytes are durable; IoError.
  void SyncMetrics(Index bytes) { metrics_.Sync(bytes); }

 private:
  struct Interval {
    double start = 0;
    RunSeconds seconds;
    Index units = 0;  // steps of sequences
    Index steps = 0;  // of training
    double flops = 0;
  };
  void AddShares(const StepSums& sums, nlohmann::ordered_json* record) const;
  static Interval Between(const Interval& mark, const Interval& now);
  void WriteMetrics(const TrainingState& state, const RankBatch& batch, const StepResult& result,
                    double learning_rate, const Interval& past);
  void ShowProgress(const TrainingState& state, const RankBatch& batch, const StepResult& result,
                    double learning_rate, const Interval& past);

  TrainerOptions options_;
  CountedUnit unit_;
  const Model<float>& model_;
  MetricsLog metrics_;
  Progress progress_;
  Interval metrics_mark_;
  Interval progress_mark_;
  // Since the start.
  Index units_ = 0;  // time steps of sequences
  double flops_ = 0;
};

}  // namespace lockstep
