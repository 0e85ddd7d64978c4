// Saves the training state, which is spread over the ranks, in checkpoint files, and loads it. Rank
// 0 reads and writes the files; it writes them in the background while training continues.
//
// A save that fails does not end the run: it is reported, and the next save that is due tries
// again. After `max_failed` failures in a row, rank 0 tells the other ranks in the note of a step,
// and all end together. At the end of a run, a failed save is tried again at once.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "checkpoint/background_writer.h"
#include "checkpoint/checkpoint_folder.h"
#include "trainer/save/checkpoint_options.h"
#include "trainer/save/snapshot.h"
#include "trainer/step/optimizer.h"

namespace lockstep {

// What saving has cost this rank so far.
struct SavingReport {
  Index saved = 0;             // number of checkpoints written
  Index failed = 0;            // number of saves that failed
  double longest_seconds = 0;  // the longest time from the copy to a durable file; rank 0 only
  double stall_seconds = 0;    // time of the training thread in Save, waiting included
  double waited_seconds = 0;   // part of it spent waiting for the previous checkpoint
};

// BadData if the step in a checkpoint's name is not that of its state, so somebody has renamed it:
// training would later want to write a file of that name. BadData, too, if it is a mean of
// checkpoints, from which training cannot go on.
void CheckStepOfName(const CheckpointEntry& entry, const TrainingState& state);

class Checkpointer {
 public:
  // Allocates the memory of a snapshot. `carried` is saved and loaded, too, unless it is null; it
  // holds the states of this rank's share of `slots` slots.
  Checkpointer(const Communicator& comm, const ParameterLayout& layout, const PiecePlan& plan,
               const OptimizerOptions& optimizer, const std::string& folder,
               const CheckpointOptions& options, CarriedState* carried = nullptr, Index slots = 0);

  // Collective. Rank 0 loads the newest valid checkpoint, and all ranks get their part of it.
  // Returns false if there is none. `check` is called on rank 0 and may throw to refuse the state;
  // `before_change` is called on rank 0 before anything in the folder is deleted or renamed, and
  // may throw to refuse that. An error on rank 0 is thrown on every rank. May not be called while a
  // save is under way.
  bool Load(const std::function<void(const TrainingState&)>& check,
            const std::function<void()>& before_change, TrainingState* state,
            std::span<float> values, Optimizer* optimizer);

  // Collective. Copies the state with all threads of `team`; rank 0 writes it in the background
  // when the moments of all ranks have arrived. First waits for the previous checkpoint, if that is
  // still being written. `before_commit` is called by the writing thread before the file gets its
  // name, and before older files are deleted; it may throw to refuse that. If a file of this step
  // was loaded at the start, it is replaced: the state has moved on within the step.
  void Save(const TrainingState& state, std::span<const float> values, const Optimizer& optimizer,
            ThreadTeam* team, std::function<void()> before_commit);
  // The transfer that moves moments to rank 0; must be polled while computing.
  RootGather* traffic() { return &snapshot_.moments(); }
  // Must be called on every rank between two steps. Starts a write whose moments have arrived, and
  // notes the result of one that has ended. Does not wait.
  void Poll();
  // Rank 0: true while a snapshot waits to be written or is being written.
  bool busy() const { return wants_write_ || writing_; }

  // For the note of rank 0: the exit code with which it gives up saving; 0 if it does not give up.
  double error_to_tell() const;
  // Collective. Ends the run on all ranks with `code`, the one that rank 0 has told them. Rank 0
  // has the message: `reason`, or if that is empty, the last failure.
  [[noreturn]] void GiveUp(ExitCode code, const std::string& reason = "");

  // Collective. Returns true when the last snapshot is on the disk; false if it was not saved
  // because its parameters or moments are not finite. Throws on all ranks if it cannot be saved.
  bool Finish();

  const SavingReport& report() const { return report_; }

  // Upper bound of the bytes that saving takes on rank 0: the snapshot, the image of the file, and
  // HDF5's copy of it.
  static Index Bytes(const ParameterLayout& layout, const OptimizerOptions& optimizer,
                     Index carried_floats);

 private:
  enum class Outcome { kSaved, kNotFinite, kFailed };  // the highest of all ranks counts
  void FinishWrite();
  void StartWrite();
  void Conclude();
  void ConcludeFailure(const std::string& what, ExitCode code);
  void Write();
  void CleanUp();
  std::string LastGood() const;
  std::string GivingUpText() const;
  bool gives_up() const { return failed_in_a_row_ >= options_.max_failed; }
  void HandOut(std::size_t moment, Optimizer* optimizer);

  const Communicator& comm_;
  const ParameterLayout& layout_;
  const PiecePlan& plan_;
  std::string folder_;
  CheckpointOptions options_;
  Snapshot snapshot_;
  SavingReport report_;

  // The following members are used on rank 0 only.
  std::function<void()> before_commit_;
  double taken_at_ = 0;
  bool wants_write_ = false;           // the snapshot waits for its moments
  bool writing_ = false;               // the snapshot is being written
  Outcome outcome_ = Outcome::kSaved;  // result of the last snapshot
  Index failed_in_a_row_ = 0;
  Index failed_step_ = -1;
  std::string failure_;
  ExitCode failure_code_ = ExitCode::kIo;
  Index last_good_step_ = -1;
  Index loaded_step_ = -1;
  // Set by the writing thread, read when it has finished a file.
  bool is_finite_ = true;
  std::string clean_up_problem_;
  BackgroundWriter writer_;  // last, so that its thread ends before the members it uses
};

}  // namespace lockstep
