// Between the training state spread over ranks and checkpoint files: rank 0 reads them, and writes
// them in the background while training goes on.
//
// A save that fails does not end the run: it is told, and the next one that is due tries again.
// After `max_failed` failures in a row rank 0 tells the others, in the note of a step, that all end
// together. At the end of a run, saving is tried again at once.
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

// What saving has cost the training thread of this rank so far.
struct SavingReport {
  Index saved = 0;
  Index failed = 0;
  double longest_seconds = 0;  // from the copy to the disk, rank 0
  double stall_seconds = 0;    // in Save, waiting included
  double waited_seconds = 0;   // for the checkpoint before
};

// BadData when a checkpoint was renamed: it would be met again at the step that its name says.
void CheckStepOfName(const CheckpointEntry& entry, const TrainingState& state);

class Checkpointer {
 public:
  // Takes the memory of a snapshot. `carried`, of this rank's share of `slots` slots, is saved and
  // loaded, too, unless it is null.
  Checkpointer(const Communicator& comm, const ParameterLayout& layout, const PiecePlan& plan,
               const OptimizerOptions& optimizer, const std::string& folder,
               const CheckpointOptions& options, CarriedState* carried = nullptr, Index slots = 0);

  // Collective. Loads the newest valid checkpoint on rank 0, lets `check` (rank 0) refuse its
  // state, and hands everything out. False when there is none. An error on rank 0 is thrown on
  // every rank. Nothing may be being saved. `before_change` (rank 0) is called before anything in
  // the folder is deleted or renamed; it throws to refuse.
  bool Load(const std::function<void(const TrainingState&)>& check,
            const std::function<void()>& before_change, TrainingState* state,
            std::span<float> values, Optimizer* optimizer);

  // Collective. Copies the state with all threads of `team`; rank 0 writes it in the background
  // when the moments of all ranks have come. `before_commit` is called there before the file gets
  // its name, and before older files are deleted; it throws to refuse. Waits for the checkpoint
  // before, if that is still being written. A later state of the step that was loaded replaces its
  // file.
  void Save(const TrainingState& state, std::span<const float> values, const Optimizer& optimizer,
            ThreadTeam* team, std::function<void()> before_commit);
  // What moves moments to rank 0: to be polled while computing.
  RootGather* traffic() { return &snapshot_.moments(); }
  // Every rank, between two steps. Waits for nothing.
  void Poll();
  // Rank 0: a snapshot is not on the disk yet, and has not failed.
  bool busy() const { return wants_write_ || writing_; }

  // For the note of rank 0: the exit code with which it gives up saving, or 0.
  double error_to_tell() const;
  // Collective. Ends the run on all ranks with the code that rank 0 has told, and with `reason`
  // instead of that of the last failure.
  [[noreturn]] void GiveUp(ExitCode code, const std::string& reason = "");

  // Collective. Returns when the last snapshot is on the disk; false when it was refused because
  // its parameters or moments are not finite. Throws on all ranks when it cannot be saved.
  bool Finish();

  const SavingReport& report() const { return report_; }

  // Bytes that saving takes at most on rank 0: the snapshot, the image, and HDF5's copy of it.
  static Index Bytes(const ParameterLayout& layout, const OptimizerOptions& optimizer,
                     Index carried_floats);

 private:
  enum class Outcome { kSaved, kNotFinite, kFailed };  // in ascending order of what all must know
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

  // Rank 0.
  std::function<void()> before_commit_;
  double taken_at_ = 0;
  bool wants_write_ = false;  // the snapshot waits for its moments
  bool writing_ = false;
  Outcome outcome_ = Outcome::kSaved;  // of the last snapshot
  Index failed_in_a_row_ = 0;
  Index failed_step_ = -1;
  std::string failure_;
  ExitCode failure_code_ = ExitCode::kIo;
  Index last_good_step_ = -1;
  Index loaded_step_ = -1;
  // Set by the writing thread, read when it is done.
  bool is_finite_ = true;
  std::string clean_up_problem_;
  BackgroundWriter writer_;  // last, so that it ends before what it uses
};

}  // namespace lockstep
