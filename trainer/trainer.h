// The training loop: plan, load, step, record, validate, save, until done or asked to stop.
//
// A run folder holds checkpoints/, metrics.jsonl, and what launch/ puts beside them. A run that is
// started again goes on from its newest valid checkpoint as if it had never ended.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "trainer/estimate/memory_bound.h"
#include "trainer/evaluation/evaluator.h"
#include "trainer/evaluation/shared_tables.h"
#include "trainer/report/run_report.h"
#include "trainer/save/checkpointer.h"
#include "trainer/step/train_step.h"
#include "trainer/watch/explosion_watch.h"
#include "trainer/watch/run_owner.h"
#include "trainer/watch/stop_request.h"
#include "trainer/watch/straggler_watch.h"

namespace lockstep {

// What the run is about, for its checkpoints.
struct RunIdentity {
  std::string corpus_folder;
  std::string run_folder;
  std::map<std::string, std::string> config;    // resolved, by key
  std::set<std::string> free_keys;              // may differ from the checkpoint's
  std::map<std::string, std::string> defaults;  // of keys that an older program's run has not
  std::string code_version;
  std::string isa;
  const RunOwner* owner = nullptr;  // rank 0's right to write there; null: nobody contests it
};

enum class TrainOutcome { kDone, kStopped, kDiverged };

class Trainer {
 public:
  // Collective. All the memory of the run is taken here; resumes when there is something to resume.
  Trainer(const Communicator& comm, const TrainerOptions& options, const CorpusInfo& corpus,
          const RunIdentity& identity);

  // Collective. Trains until done, stopped or diverged.
  TrainOutcome Run();

  const TrainingState& state() const { return state_; }
  // Why the run diverged, with the remedy.
  std::string WhyDiverged() const;

 private:
  bool Done() const;
  void Announce() const;
  void AnnounceDisk() const;
  void CheckResumable(const TrainingState& stored) const;
  std::string DefaultOf(const std::string& key) const;

  void TrainOn(const RankBatch& batch);
  void ReportSkipped(const RankBatch& batch, const StepResult& result);
  void TellStragglers();
  void WatchForExplosion(const StepResult& result);
  std::string ClippingRemedy(const Explosion& explosion) const;
  RunSeconds SecondsSoFar() const;
  bool ValidationDue() const;
  void Validate();
  void Save();
  void RequireOwnership() const;
  void LeaveToSuccessor();
  void ConcludeStop(Index first_step, TrainOutcome* outcome) const;
  void GoOnSaving();
  void ReportSaving() const;

  const Communicator& comm_;
  TrainerOptions options_;
  const CorpusInfo& corpus_;
  RunIdentity identity_;
  std::unique_ptr<Model<float>> model_;
  AlignedBuffer<float> values_;
  TrainStep step_;
  std::optional<RunReport> report_;
  Checkpointer checkpointer_;  // its thread calls the report
  TimeLimit time_limit_;       // rank 0 watches it
  StopRequest stop_;
  StragglerWatch stragglers_;
  std::vector<std::string> hosts_;  // of all ranks; on rank 0
  TrainingState state_;
  ExplosionWatch explosions_;
  bool all_lost_ = false;           // the last skipped step was no matter of one sample; on rank 0
  SkippedSamples skipped_samples_;  // of the last step that was skipped; on rank 0
  std::string not_finite_;          // what an update made so
  bool resumed_ = false;
  MemoryBound memory_;
  AgreedStop stopped_;
  Index saved_step_ = 0;  // the first state needs no file
  std::unique_ptr<SharedShards> train_shards_;
  std::unique_ptr<SharedShards> validation_shards_;  // from the first validation on
  std::unique_ptr<BatchStream> stream_;
};

}  // namespace lockstep
