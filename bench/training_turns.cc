#include "bench/training_turns.h"

#include "bench/stopwatch.h"

namespace lockstep {
namespace {

constexpr int kFirstTurns = 13;

WorkerOptions Workers(const RankBatch& batch, Index slots, bool carries) {
  const PackedLayout& layout = batch.slots[0].layout;
  return {.slots = slots,
          .bounds = TwoFieldBounds(layout.sequences(), layout.steps(), layout.rows()),
          .carries = carries};
}

}  // namespace

TrainingTurns::TrainingTurns(const Communicator& comm, std::unique_ptr<Model<float>> model,
                             const WorkerOptions& workers, const TurnOptions& options)
    : options_(options),
      model_(std::move(model)),
      values_(model_->layout().size()),
      step_(comm, *model_, workers, options.optimizer, options.clip, TrafficOptions{},
            StateCheck::kLearnPeriod) {
  InitialiseParameters<float>(model_->layout(), 1, values_.span());
  step_.worker().set_profile(&profile_);
}

TrainingTurns::TrainingTurns(const Communicator& comm, const SmallModelOptions& model,
                             const RankBatch& batch, Index slots, const TurnOptions& options)
    : TrainingTurns(comm, std::make_unique<SmallEncoderModel<float>>(model),
                    Workers(batch, slots, options.carries), options) {}

void TrainingTurns::WarmUp(const RankBatch& batch) {
  for (int turn = 0; turn < kFirstTurns; ++turn) Turn(batch);
  turns_.clear();
  profile_.Restart();
}

double TrainingTurns::Turn(const RankBatch& batch) {
  MeasuredTurn turn;
  if (options_.measures_core) turn.before = MeasureCore();
  const Stopwatch watch;
  profile_.Resume();
  const StepResult result = step_.Run(
      batch, {.step = done_, .update = done_ + 1, .learning_rate = options_.learning_rate},
      values_.span());
  profile_.Enter(Phase::kOther);
  ++done_;
  turn.seconds = watch.Seconds();
  if (options_.measures_core) turn.after = MeasureCore();
  turns_.push_back(turn);
  flops_ = model_->Flops(batch.sequences, batch.steps, batch.target_steps);
  return result.sums.loss / static_cast<double>(result.sums.targets);
}

void TrainingTurns::Evaluate(const RankBatch& batch) {
  step_.FinishValues();
  step_.worker().Evaluate(batch, values_.data());
}

double TrainingTurns::MedianSeconds() const { return lockstep::MedianSeconds(TurnsAlone(turns_)); }

double TrainingTurns::Speed() const { return flops_ / MedianSeconds() * 1e-9; }

std::string TrainingTurns::ShareText() const {
  const std::vector<MeasuredTurn> alone = TurnsAlone(turns_);
  return fmt::format(
      "{:.0f} % of {:.0f} GFLOP/s between registers, {} of {} turns alone on the core",
      100 * MedianShare(flops_, alone), MedianPeak(alone), alone.size(), turns_.size());
}

double TrainingTurns::Share(Phase phase) const {
  double all = 0;
  for (std::size_t p = 0; p < PhaseProfile::kPhases; ++p) {
    all += profile_.seconds(static_cast<Phase>(p));
  }
  return profile_.seconds(phase) / all;
}

}  // namespace lockstep
