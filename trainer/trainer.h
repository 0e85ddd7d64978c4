// The training loop: plan, load, step, record, validate, save, until done or asked to stop.
//
// A run folder holds checkpoints/, metrics.jsonl, and the files that launch/ puts beside them. A
// run that is started again continues from its newest valid checkpoint as if it had never ended.
// With train.average or train.average_weights, checkpoints/average.h5 is written at the end.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "trainer/estimate/memory_bound.h"
#include "trainer/evaluation/gradient_by_time.h"
#include "trainer/evaluation/shared_tables.h"
#include "trainer/evaluation/validation.h"
#include "trainer/report/run_report.h"
#include "trainer/run_identity.h"
#include "trainer/save/checkpointer.h"
#include "trainer/step/train_step.h"
#include "trainer/watch/divergence_watch.h"
#include "trainer/watch/stop_request.h"
#include "trainer/watch/straggler_watch.h"

namespace lockstep {

enum class TrainOutcome { kDone, kStopped, kDiverged };

class Trainer {
 public:
  // Collective. Allocates all memory of the run. Resumes it if there is a valid checkpoint.
  // References must outlive it.
  Trainer(const Communicator& comm, const TrainerOptions& options, const CorpusInfo& corpus,
          const RunIdentity& identity);

  // Collective. Trains until done, stopped or diverged.
  TrainOutcome Run();

  const TrainingState& state() const { return state_; }
  // A message that says why the run diverged, and what to do about it.
  std::string WhyDiverged() const;

 private:
  // trainer_setup.cc
  void ResumeOrInitialise();
  void StartFromOther(const StartValues& start);
  void EnterIdentity();
  void OpenReport();
  void OpenBatches();
  std::string CorpusText() const;
  void Announce() const;
  void TellFrozen() const;
  void AnnounceDisk() const;

  bool Done() const;
  TrainOutcome TrainSteps();
  void TrainOn(const RankBatch& batch);
  double EpochsDone();
  void ReportSkipped(const RankBatch& batch, const StepResult& result);
  void TellStragglers();
  void TraceGradient(const RankBatch& batch);
  RunSeconds SecondsSoFar() const;
  void Validate();
  const float* ValuesToValidate();
  void TellPlateau(const TrainingState& before) const;
  void Save();
  void RequireOwnership() const;
  void LeaveToSuccessor();
  bool KeepsAverage() const { return options_.optimizer.average.kind != AverageKind::kOff; }
  void DropAverage();
  void SaveAverage(bool was_done);
  void ConcludeStop(Index first_step, TrainOutcome* outcome) const;
  void GoOnSaving();
  void ReportSaving() const;
  void ReportMemory() const;

  const Communicator& comm_;
  TrainerOptions options_;
  const CorpusInfo& corpus_;
  RunIdentity identity_;
  std::unique_ptr<Model<float>> model_;
  AlignedBuffer<float> values_;
  StartReport start_;             // what was taken of another run; nothing: none
  AlignedBuffer<float> average_;  // with validation.average; set by each validation
  TrainStep step_;
  std::optional<RunReport> report_;
  Checkpointer checkpointer_;  // its thread calls report_, so it must end before that
  TimeLimit time_limit_;       // used on rank 0
  StopRequest stop_;
  StragglerWatch stragglers_;
  std::vector<std::string> hosts_;  // host of each rank; on rank 0 only
  TrainingState state_;
  DivergenceWatch divergence_;
  Validation validation_;
  std::optional<GradientTracer> tracer_;  // with log.gradient_by_time
  bool resumed_ = false;
  MemoryBound memory_;       // of this rank
  Index others_memory_ = 0;  // bound of the ranks other than 0, in bytes
  AgreedStop stopped_;
  Index saved_step_ = 0;  // the last step that was saved; the state of step 0 needs no file
  Index epoch_of_parts_ = 0;
  Index epoch_parts_ = 0;  // batches of that epoch, or parts of a stream; 0: not known yet
  std::unique_ptr<SharedShards> train_shards_;
  std::unique_ptr<BatchStream> stream_;
};

}  // namespace lockstep
