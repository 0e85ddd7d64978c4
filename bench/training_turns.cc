#include "bench/training_turns.h"

#include <algorithm>

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
  seconds_.clear();
  profile_.Restart();
}

double TrainingTurns::Turn(const RankBatch& batch) {
  const Stopwatch watch;
  profile_.Resume();
  const StepResult result = step_.Run(
      batch, {.step = done_, .update = done_ + 1, .learning_rate = options_.learning_rate},
      values_.span());
  profile_.Enter(Phase::kOther);
  ++done_;
  seconds_.push_back(watch.Seconds());
  flops_ = model_->Flops(batch.sequences, batch.steps, batch.target_steps);
  return result.sums.loss / static_cast<double>(result.sums.targets);
}

double TrainingTurns::MedianSeconds() const {
  std::vector<double> sorted = seconds_;
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() / 2];
}

double TrainingTurns::Speed() const { return flops_ / MedianSeconds() * 1e-9; }

double TrainingTurns::Share(Phase phase) const {
  double all = 0;
  for (std::size_t p = 0; p < PhaseProfile::kPhases; ++p) {
    all += profile_.seconds(static_cast<Phase>(p));
  }
  return profile_.seconds(phase) / all;
}

}  // namespace lockstep
