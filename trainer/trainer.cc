#include "trainer/trainer.h"

#include <algorithm>
#include <utility>

#include "base/duration.h"
#include "base/log.h"
#include "base/phase_timer.h"
#include "base/rank_status.h"
#include "data/stream/symbol_source.h"
#include "trainer/save/checkpoint_average.h"
#include "worker/comm/together.h"

namespace lockstep {

TrainOutcome Trainer::Run() {
  Announce();
  const bool was_done = Done();
  if (!was_done) {
    AnnounceDisk();
    DropAverage();
  }
  report_->Start(state_.step, EpochsDone(), SecondsSoFar());
  const Index first_step = state_.step;
  stopped_ = AgreeOnStop(comm_, stop_.Seen());  // wishes of the time of start-up
  if (state_.validation_due) Validate();
  TrainOutcome outcome = TrainSteps();
  Status().Enter(RankPhase::kEnd);
  report_->ClearProgress();
  if (stopped_.reason == StopReason::kSuperseded) LeaveToSuccessor();
  step_.FinishValues();
  if (outcome != TrainOutcome::kDiverged) Save();
  if (!checkpointer_.Finish() || saved_step_ != state_.step) outcome = TrainOutcome::kDiverged;
  ReportSaving();
  ReportMemory();
  if (stopped_) ConcludeStop(first_step, &outcome);
  const bool wants_average = options_.checkpoint.average > 0 || KeepsAverage();
  if (outcome == TrainOutcome::kDone && wants_average) SaveAverage(was_done);
  return outcome;
}

// The mean of an earlier end of the run, which now goes on.
void Trainer::DropAverage() {
  Together(comm_, [this] {
    if (comm_.rank() != 0) return;
    RemoveAverage(identity_.run_folder + "/checkpoints", [this] { RequireOwnership(); });
  });
}

// Rank 0 reads the checkpoints and writes their mean, or the running average of the last. A run
// that has too few of them is done nevertheless. One that was done before keeps the mean that it
// has: by now, checkpoints may have been deleted.
void Trainer::SaveAverage(bool was_done) {
  const ScopedPhase phase(RankPhase::kSave);
  const std::string folder = identity_.run_folder + "/checkpoints";
  const CheckpointOptions& options = options_.checkpoint;
  const auto require = [this] { RequireOwnership(); };
  const auto write = [&] {
    const TrainingState mean =
        KeepsAverage() ? WriteRunningAverage(folder, model_->layout(), state_.step, require)
                       : WriteAverage(folder, model_->layout(), options.average, options.every,
                                      state_.step, require);
    const std::string what =
        fmt::format("{} is {}; evaluate and predict take it with --checkpoint average",
                    AveragePath(folder), DescribeAverage(mean));
    AverageHasBegun(mean) ? LogInfo("{}", what) : LogWarning("{}", what);
  };
  const auto kind_key = identity_.config.find("train.average_weights");
  const std::string kind =
      KeepsAverage() && kind_key != identity_.config.end() ? kind_key->second : "";
  Together(comm_, [&] {
    const bool is_there = was_done && HasAverageOf(folder, state_.step, options.average, kind);
    if (comm_.rank() != 0 || is_there) return;
    try {
      identity_.owner == nullptr ? write() : identity_.owner->Guard(write);
    } catch (const InputError& error) {
      LogWarning("no averaged checkpoint is written: {}", error.what());
    }
  });
}

// Until the run is done, stopped (told by stopped_) or diverged.
TrainOutcome Trainer::TrainSteps() {
  std::unique_ptr<RankBatch> batch;
  while (!Done() && !stopped_) {
    Status().step = state_.step + 1;
    Status().Enter(RankPhase::kData);
    batch = stream_->Next(std::move(batch));
    TrainOn(*batch);
    if (tracer_ && state_.step % options_.log.gradient_by_time == 0) TraceGradient(*batch);
    GoOnSaving();
    if (state_.skipped_in_a_row >= options_.max_skipped || divergence_.parameters_lost()) {
      return TrainOutcome::kDiverged;
    }
    if (validation_.IsDue(state_)) Validate();
    if (state_.step % options_.checkpoint.every == 0) Save();
  }
  return TrainOutcome::kDone;
}

// Rank 0, any thread.
void Trainer::RequireOwnership() const {
  if (identity_.owner != nullptr) identity_.owner->Require();
}

void Trainer::LeaveToSuccessor() {
  step_.FinishValues();
  checkpointer_.GiveUp(ExitCode::kSuperseded,
                       identity_.owner == nullptr ? "" : identity_.owner->Successor());
}

// A run that is done by then has not been stopped.
void Trainer::ConcludeStop(Index first_step, TrainOutcome* outcome) const {
  stop_.RemoveFile();  // also where a signal came first: the next start would end at once
  if (*outcome == TrainOutcome::kDiverged || Done()) return;
  *outcome = TrainOutcome::kStopped;
  LogInfo("stopped at step {} ({}), {}; run the same command again to go on", state_.step,
          stopped_.Text(), state_.step == 0 ? "before anything was computed" : "state saved");
  if (stopped_.reason == StopReason::kTimeLimit && state_.step == first_step) {
    LogWarning(
        "the time limit of {} left no time for a step: {} are kept for a save and the end, and the "
        "start takes some, too; without a longer limit no start will come further",
        DurationText(options_.time.seconds), DurationText(time_limit_.margin()));
  }
}

bool Trainer::Done() const {
  if (state_.validation_due) return false;
  if (state_.finished) return true;
  if (options_.steps > 0 && state_.step >= options_.steps) return true;
  return options_.epochs > 0 && state_.cursor.epoch >= options_.epochs;
}

void Trainer::TrainOn(const RankBatch& batch) {
  const double rate = LearningRate(options_.schedule, state_.plateau, state_.step);
  const Index update = state_.updates + 1;
  const double share = AverageShare(options_.optimizer.average, state_.average, update);
  const StepResult result =
      step_.Run(batch,
                {state_.step, update, rate, share, static_cast<double>(stop_.Seen()),
                 checkpointer_.error_to_tell()},
                values_.span());
  stopped_ = AgreeOnStop(step_.notes());
  time_limit_.EndStep(Seconds());
  state_.step += 1;
  Status().finished_step = state_.step;
  Status().Enter(RankPhase::kRecord);
  state_.updates += result.skipped ? 0 : 1;
  state_.skipped += result.skipped ? 1 : 0;
  state_.skipped_in_a_row = result.skipped ? state_.skipped_in_a_row + 1 : 0;
  state_.cursor = stream_->cursor();
  state_.sequences += batch.begun;
  state_.clip_history = step_.clip().history();
  if (result.skipped) {
    ReportSkipped(batch, result);
  } else {
    divergence_.ObserveUpdate(state_.step, result);
  }
  TellStragglers();
  report_->Step(state_, EpochsDone(), batch, result, rate, SecondsSoFar());
}

// A stream of symbols is one global batch per epoch, in parts. The number of batches is asked for
// once per epoch, because the plan has to be made for it.
double Trainer::EpochsDone() {
  const Cursor& at = state_.cursor;
  const bool is_stream = corpus_.is_stream();
  if (epoch_parts_ == 0 || epoch_of_parts_ != at.epoch) {
    epoch_of_parts_ = at.epoch;
    epoch_parts_ = is_stream ? SymbolSource::Parts(corpus_.Split("train"), options_.stream)
                             : stream_->StepsInEpoch(at.epoch);
  }
  const double part = static_cast<double>(is_stream ? at.part : at.step);
  return static_cast<double>(at.epoch) +
         part / static_cast<double>(std::max<Index>(epoch_parts_, 1));
}

// A rank that is slow is told of, never killed: it may be all that the user has.
void Trainer::TellStragglers() {
  if (comm_.rank() != 0) return;
  for (const StragglerFinding& finding : stragglers_.Observe(step_.notes(), Seconds())) {
    const std::string text = Describe(finding, hosts_[static_cast<std::size_t>(finding.rank)]);
    if (finding.is_slow) LogWarning("{}", text);
    if (!finding.is_slow) LogInfo("{}", text);
  }
}

// With the parameters that the step has left.
void Trainer::TraceGradient(const RankBatch& batch) {
  const ScopedPhase phase(RankPhase::kBackward);
  step_.FinishValues();
  report_->Trace(state_, tracer_->Run(batch, state_.step - 1, values_.data(), &step_.worker()));
}

void Trainer::ReportSkipped(const RankBatch& batch, const StepResult& result) {
  divergence_.ObserveSkipped(state_.step, batch, result, values_.data(), &step_.worker());
  if (comm_.rank() != 0 || divergence_.parameters_lost()) return;
  const SkippedSamples& samples = divergence_.skipped_samples();
  LogWarning(
      "step {} skipped: its gradient is not finite (loss {}, norm {}; {} in a row, {} end the "
      "run): {}",
      state_.step, result.sums.loss, result.gradient_norm, state_.skipped_in_a_row,
      options_.max_skipped, samples.Describe(identity_.corpus_folder));
  report_->Skipped(state_, samples);
}

std::string Trainer::WhyDiverged() const {
  return divergence_.Why(state_.step, state_.skipped_in_a_row);
}

RunSeconds Trainer::SecondsSoFar() const {
  return {stream_->wait_seconds(), step_.seconds().communicate};
}

// A run that is stopped does not wait for its validation, which may take long: it is due, and the
// first thing when the run goes on.
void Trainer::Validate() {
  const bool was_due = std::exchange(state_.validation_due, true);
  if (stopped_) return;
  const ScopedPhase phase(RankPhase::kValidation);
  step_.FinishValues();
  const auto wants_stop = [this] { return static_cast<double>(stop_.Seen()); };
  const std::optional<Evaluation> found =
      validation_.Run(ValuesToValidate(), wants_stop, &step_.worker());
  if (!found) {
    stopped_ = AgreeOnStop(step_.notes());
    return;
  }
  state_.validation_due = false;
  const TrainingState before = state_;
  const bool better = validation_.Record(*found, model_->metrics(), &state_);
  report_->Validation(state_, *found, better);
  TellPlateau(before);
  if (state_.finished) {
    LogInfo("no better validation for {} in a row: training ends", options_.validation.patience);
  }
  if (was_due) saved_step_ = -1;  // what is saved of this step is the state before its validation
  if (better || was_due) Save();
}

// Collective. Before the first update there is no average yet.
const float* Trainer::ValuesToValidate() {
  if (!options_.validation.average || state_.updates == 0) return values_.data();
  step_.GatherAverage(average_.span());
  return average_.data();
}

void Trainer::TellPlateau(const TrainingState& before) const {
  if (state_.plateau.drops > before.plateau.drops &&
      options_.schedule.kind == ScheduleKind::kPlateau) {
    LogInfo("validations get no better: the learning rate goes from {:.3g} to {:.3g}",
            LearningRate(options_.schedule, before.plateau, state_.step),
            LearningRate(options_.schedule, state_.plateau, state_.step));
  }
  if (state_.average.from > before.average.from) {
    LogInfo("validations get no better: the mean of the parameters begins after step {}",
            state_.step);
  }
}

void Trainer::GoOnSaving() {
  checkpointer_.Poll();
  const SavingReport& saving = checkpointer_.report();
  if (saving.saved > 0) time_limit_.AddSave(saving.longest_seconds);
  const double error = step_.notes()[0].save_error;
  if (error == 0) return;
  step_.FinishValues();
  checkpointer_.GiveUp(static_cast<ExitCode>(static_cast<int>(error)));
}

// Only what is equal on all ranks is saved; and only what can be gone on from: the checkpointer
// refuses what is not finite, so that the last good checkpoint stays the newest.
void Trainer::Save() {
  if (saved_step_ == state_.step) return;
  const ScopedPhase phase(RankPhase::kSave);
  step_.CheckState(values_.span());
  saved_step_ = state_.step;
  state_.metrics_bytes = report_->metrics_bytes();
  checkpointer_.Save(state_, values_.span(), step_.optimizer(), &step_.worker().team(),
                     [this, bytes = state_.metrics_bytes] {
                       report_->SyncMetrics(bytes);
                       RequireOwnership();
                     });
}

void Trainer::ReportSaving() const {
  const SavingReport& saving = checkpointer_.report();
  if (saving.saved + saving.failed == 0) return;
  const std::string line = fmt::format(
      "{} checkpoints saved, {} failed; training stood still for {:.3f} s, {:.3f} s of it until "
      "the checkpoint before was written",
      saving.saved, saving.failed, saving.stall_seconds, saving.waited_seconds);
  saving.failed > 0 ? LogInfo("{}", line) : LogDetail("{}", line);
}

}  // namespace lockstep
