#include "bench/training_turns.h"

#include <algorithm>

#include "bench/stopwatch.h"

namespace lockstep {
namespace {

constexpr int kFirstTurns = 13;

WorkerOptions Workers(const RankBatch& batch, Index slots) {
  const PackedLayout& layout = batch.slots[0].layout;
  return {slots, 1, 1, TwoFieldBounds(layout.sequences(), layout.steps(), layout.rows()), true};
}

}  // namespace

TrainingTurns::TrainingTurns(const Communicator& comm, const SmallModelOptions& options,
                             const RankBatch& batch, Index slots)
    : batch_(batch),
      model_(options),
      values_(model_.layout().size()),
      step_(comm, model_, Workers(batch, slots), OptimizerOptions{}, ClipOptions{},
            TrafficOptions{}, StateCheck::kLearnPeriod) {
  InitialiseParameters<float>(model_.layout(), 1, values_.span());
  step_.worker().set_profile(&profile_);
  for (int turn = 0; turn < kFirstTurns; ++turn) Turn();
  seconds_.clear();
  profile_.Restart();
}

void TrainingTurns::Turn() {
  const Stopwatch watch;
  profile_.Resume();
  step_.Run(batch_, {.step = done_, .update = done_ + 1, .learning_rate = 1e-4}, values_.span());
  profile_.Enter(Phase::kOther);
  ++done_;
  seconds_.push_back(watch.Seconds());
}

double TrainingTurns::MedianSeconds() const {
  std::vector<double> sorted = seconds_;
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() / 2];
}

double TrainingTurns::Speed() const {
  return model_.Flops(batch_.sequences, batch_.steps, batch_.target_steps) / MedianSeconds() * 1e-9;
}

double TrainingTurns::Share(Phase phase) const {
  double all = 0;
  for (std::size_t p = 0; p < PhaseProfile::kPhases; ++p) {
    all += profile_.seconds(static_cast<Phase>(p));
  }
  return profile_.seconds(phase) / all;
}

}  // namespace lockstep
