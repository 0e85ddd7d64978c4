#include "trainer/save/checkpointer.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/phase_timer.h"
#include "base/process_memory.h"
#include "checkpoint/checkpoint_folder.h"
#include "trainer/save/state_arrays.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

// A longer wait for the previous checkpoint is reported, once.
constexpr double kWaitWorthTelling = 0.5;

void CheckStored(const LoadedCheckpoint& loaded) {
  const std::string& path = loaded.entry.path;
  CheckStepOfName(loaded.entry, StateFromJson(loaded.content.state, path));
}

// Uses `values` for the parameters. Those of another model are no damage, and told later.
void CheckStoredValues(const LoadedCheckpoint& loaded, const ParameterLayout& layout,
                       std::span<float> values) {
  const std::string& path = loaded.entry.path;
  try {
    CheckParameters(loaded.content, path, layout);
  } catch (const InputError&) {
    return;
  }
  RestoreParameters(loaded.content, path, layout, values);
  CheckValues(StateFromJson(loaded.content.state, path).parameters_hash, path, layout, values);
}

}  // namespace

void CheckStepOfName(const CheckpointEntry& entry, const TrainingState& state) {
  if (!state.averaged_steps.empty()) {
    throw BadData("{}: is a mean of checkpoints and no step of a run; delete it", entry.path);
  }
  if (entry.step == state.step) return;
  throw BadData("{}: holds step {}, its name says {}; give it back its name, or move it away",
                entry.path, state.step, entry.step);
}

Checkpointer::Checkpointer(const Communicator& comm, const ParameterLayout& layout,
                           const PiecePlan& plan, const OptimizerOptions& optimizer,
                           const std::string& folder, const CheckpointOptions& options,
                           CarriedState* carried, Index slots)
    : comm_(comm),
      layout_(layout),
      plan_(plan),
      folder_(folder),
      options_(options),
      snapshot_(comm, layout, plan, optimizer, carried, slots) {}

bool Checkpointer::Load(const std::function<void(const TrainingState&)>& check,
                        const std::function<void()>& before_change, TrainingState* state,
                        std::span<float> values, Optimizer* optimizer) {
  LOCKSTEP_CHECK(!writing_ && snapshot_.moments().done());
  std::string text;
  Together(comm_, [&] {
    if (comm_.rank() != 0) return;
    RequireNoLink(folder_);
    RemoveTemporaries(folder_, before_change);
    std::vector<CheckpointEntry> damaged;
    const auto report = [&](const CheckpointEntry& entry, const std::string& why) {
      LogWarning("checkpoint {} is damaged and skipped: {}", entry.path, why);
      damaged.push_back(entry);
    };
    const std::optional<LoadedCheckpoint> loaded =
        LoadNewestValid(folder_, report, [&](const LoadedCheckpoint& found) {
          CheckStored(found);
          CheckStoredValues(found, layout_, values);
        });
    if (!loaded) return;
    const std::string& file = loaded->entry.path;
    const TrainingState stored = StateFromJson(loaded->content.state, file);
    check(stored);
    RestoreParameters(loaded->content, file, layout_, values);
    for (std::size_t i = 0; i < optimizer->moments().size(); ++i) {
      RestoreMoment(loaded->content, file, layout_, optimizer->moments()[i].name,
                    snapshot_.moments().whole(i));
    }
    snapshot_.ReadCarried(loaded->content, file, stored);
    text = loaded->content.state;
    if (!damaged.empty()) before_change();
    for (const CheckpointEntry& entry : damaged) SetAside(entry);
    SyncFolder(folder_);  // the writer of the file may have been killed before its name was durable
  });
  comm_.Broadcast(&text);
  if (text.empty()) return false;
  *state = StateFromJson(text, folder_);
  last_good_step_ = loaded_step_ = state->step;
  comm_.BroadcastFloats(values);
  for (std::size_t i = 0; i < optimizer->moments().size(); ++i) HandOut(i, optimizer);
  snapshot_.HandOutCarried(*state);
  return true;
}

// Distributes a moment from rank 0's whole array to the ranks that update its elements.
void Checkpointer::HandOut(std::size_t moment, Optimizer* optimizer) {
  const float* const all = snapshot_.moments().whole(moment).data();
  for (std::size_t i = 0; i < plan_.pieces().size(); ++i) {
    const Piece& piece = plan_.pieces()[i];
    const std::span<float> mine = optimizer->MomentOf(moment, i);
    if (!piece.replicated) {
      comm_.ScatterFromRoot(all, piece.segments, mine);
      continue;
    }
    if (comm_.rank() == 0) std::copy_n(all + piece.range.begin, mine.size(), mine.begin());
    comm_.BroadcastFloats(mine);
  }
}

void Checkpointer::Save(const TrainingState& state, std::span<const float> values,
                        const Optimizer& optimizer, ThreadTeam* team,
                        std::function<void()> before_commit) {
  const ScopedSeconds stall(&report_.stall_seconds);
  const double before = report_.waited_seconds;
  {
    const ScopedSeconds waited(&report_.waited_seconds);
    FinishWrite();
  }
  const double waited = report_.waited_seconds - before;
  if (waited > kWaitWorthTelling && before < kWaitWorthTelling && comm_.rank() == 0) {
    LogWarning(
        "step {} waited {:.1f} s until the checkpoint before was written: checkpoint.every = {} is "
        "less than this disk takes",
        state.step, waited, options_.every);
  }
  taken_at_ = Seconds();
  snapshot_.Take(state, values, optimizer, team);
  before_commit_ = std::move(before_commit);
  wants_write_ = comm_.rank() == 0 && !gives_up();
  Poll();
}

void Checkpointer::Poll() {
  snapshot_.moments().Poll();
  StartWrite();
  if (writing_ && !writer_.busy()) Conclude();
}

void Checkpointer::FinishWrite() {
  snapshot_.moments().Finish();
  StartWrite();
  if (writing_) Conclude();
}

void Checkpointer::StartWrite() {
  if (!wants_write_ || !snapshot_.moments().done()) return;
  wants_write_ = false;
  writing_ = true;
  writer_.Submit([this] { Write(); });
}

// Runs in the writing thread.
void Checkpointer::Write() {
  is_finite_ = snapshot_.IsFinite();
  if (!is_finite_) return;
  const Index step = snapshot_.state().step;
  // A file of this step may exist: the one that was loaded, or one left by an attempt that failed
  // after its renaming. It is replaced by renaming rather than deleted first, because a file of
  // that name may by now belong to another start of the run.
  const bool replaces = step == loaded_step_ || step == failed_step_;
  const std::string path = CheckpointPath(folder_, step);
  {
    const CheckpointImage image = snapshot_.Image();
    replaces ? ReplaceCheckpoint(path, image, before_commit_)
             : WriteCheckpoint(path, image, before_commit_);
  }
  CleanUp();
  ReturnFreeMemory();  // memory of small arrays, which the C library would keep for this thread
}

// Deletes checkpoints that are no longer kept. If this fails, the new one is saved nevertheless.
void Checkpointer::CleanUp() {
  const TrainingState& state = snapshot_.state();
  std::vector<Index> needed;
  if (state.has_best) needed.push_back(state.best_step);
  const Index last = state.step / options_.every * options_.every;
  for (Index i = 0; i < options_.average; ++i) needed.push_back(last - i * options_.every);
  try {
    PruneCheckpoints(folder_, options_.keep, options_.keep_every, needed, before_commit_);
    if (failed_in_a_row_ > 0) RemoveTemporaries(folder_, before_commit_);
  } catch (const Error& error) {
    // When another start has taken the run, this one ends and says so by itself.
    if (error.code() != ExitCode::kSuperseded) clean_up_problem_ = error.what();
  }
}

// Waits for the writing thread and notes whether the snapshot was saved.
void Checkpointer::Conclude() {
  writing_ = false;
  try {
    writer_.Wait();
  } catch (const Error& error) {
    return ConcludeFailure(error.what(), error.code());
  } catch (const std::bad_alloc&) {
    return ConcludeFailure("there is no memory for its image", ExitCode::kIo);
  }
  const Index step = snapshot_.state().step;
  outcome_ = is_finite_ ? Outcome::kSaved : Outcome::kNotFinite;
  if (!is_finite_) {
    LogWarning("step {} is not saved: its parameters or moments are not finite", step);
    return;
  }
  ++report_.saved;
  report_.longest_seconds = std::max(report_.longest_seconds, Seconds() - taken_at_);
  last_good_step_ = step;
  if (failed_in_a_row_ > 0) LogInfo("step {} is saved; saving works again", step);
  failed_in_a_row_ = 0;
  if (!clean_up_problem_.empty()) {
    LogWarning("step {} is saved, but: {}", step, std::exchange(clean_up_problem_, {}));
  }
}

void Checkpointer::ConcludeFailure(const std::string& what, ExitCode code) {
  outcome_ = Outcome::kFailed;
  failure_ = what;
  failure_code_ = code;
  failed_step_ = snapshot_.state().step;
  ++report_.failed;
  ++failed_in_a_row_;
  if (code == ExitCode::kSuperseded) {
    failed_in_a_row_ = std::max(failed_in_a_row_, options_.max_failed);  // trying again is useless
    return;
  }
  LogWarning("step {} is not saved: {}; {} (failure {} of {} in a row that end the run)",
             failed_step_, what, LastGood(), failed_in_a_row_, options_.max_failed);
}

std::string Checkpointer::LastGood() const {
  if (last_good_step_ < 0) return "last good: none yet";
  return fmt::format("last good: step {}", last_good_step_);
}

double Checkpointer::error_to_tell() const {
  return gives_up() ? static_cast<double>(failure_code_) : 0.0;
}

std::string Checkpointer::GivingUpText() const {
  if (failure_code_ == ExitCode::kSuperseded) return failure_;
  return fmt::format(
      "saving failed {} times in a row, at last: {}; {} in {}; see to the disk, then run the same "
      "command again",
      failed_in_a_row_, failure_, LastGood(), folder_);
}

void Checkpointer::GiveUp(ExitCode code, const std::string& reason) {
  FinishWrite();  // no message may be under way when its memory is freed
  throw AgreedError(code, comm_.rank() != 0 ? "" : reason.empty() ? GivingUpText() : reason);
}

bool Checkpointer::Finish() {
  for (;;) {
    FinishWrite();
    const Outcome outcome = static_cast<Outcome>(comm_.Max(static_cast<Index>(outcome_)));
    if (outcome != Outcome::kFailed) return outcome == Outcome::kSaved;
    const ExitCode code = static_cast<ExitCode>(comm_.Max(static_cast<Index>(error_to_tell())));
    if (code != ExitCode::kDone) GiveUp(code);
    wants_write_ = comm_.rank() == 0;
  }
}

Index Checkpointer::Bytes(const ParameterLayout& layout, const OptimizerOptions& optimizer,
                          Index carried_floats) {
  constexpr Index kCopies = 3;
  // What HDF5 takes to write an array, however small: 2.6 KiB each for 1,800 of them.
  constexpr Index kArrayBytes = 3 << 10;
  const auto moments = static_cast<Index>(Optimizer::MomentNames(optimizer).size());
  const Index arrays = (1 + moments) * static_cast<Index>(layout.infos().size());
  return kCopies * Snapshot::Bytes(layout, optimizer, carried_floats) + arrays * kArrayBytes;
}

}  // namespace lockstep
