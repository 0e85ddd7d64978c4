#include "trainer/evaluation/validation.h"

#include <cmath>

namespace lockstep {

Validation::Validation(const Communicator& comm, const std::string& corpus_folder,
                       const CorpusInfo& corpus, const TrainerOptions& options)
    : comm_(comm), corpus_folder_(corpus_folder), corpus_(corpus), options_(options) {}

bool Validation::IsDue(const TrainingState& state) const {
  const auto split = corpus_.splits.find(options_.validation.split);
  if (split == corpus_.splits.end() || split->second.sequences == 0) return false;
  if (options_.validation.every > 0) return state.step % options_.validation.every == 0;
  return state.cursor.step == 0 && state.cursor.part == 0;
}

std::optional<Evaluation> Validation::Run(const float* values, FunctionRef<double()> wants_stop,
                                          Worker* worker) {
  const std::string& split = options_.validation.split;
  if (shards_ == nullptr) {
    shards_ = std::make_unique<SharedShards>(comm_, corpus_folder_, corpus_, corpus_.Split(split));
  }
  return Evaluate(corpus_folder_, corpus_, split, &shards_->shards, options_.stream, values,
                  wants_stop, worker);
}

// What the best validation has least of, if it is not chosen by the loss.
double Validation::ErrorOf(const Evaluation& found, std::span<const TaskMetric> own) const {
  const TaskMetric* const metric =
      FindMetric(own, ValidationMetricName(options_.validation.metric));
  if (metric == nullptr) {
    return found.sums.counts[0] > 0 ? 1 - found.Share(0) : 1;
  }
  const double value = metric->of(found.sums, found.tally);
  return metric->greater_is_better ? 1 - value : value;
}

bool Validation::Record(const Evaluation& found, std::span<const TaskMetric> own,
                        TrainingState* state) const {
  const ValidationMetric metric = options_.validation.metric;
  const double loss = found.loss, error = ErrorOf(found, own);
  const double figure = metric == ValidationMetric::kLoss ? loss : error;
  const bool by_loss = options_.schedule.plateau_by == PlateauBy::kLoss;
  ObserveValidation(options_.schedule, by_loss ? loss : figure, &state->plateau);
  ObserveForAverage(options_.optimizer.average, figure, state->updates, &state->average);
  const bool lower =
      metric == ValidationMetric::kLoss ? loss < state->best_loss : error < state->best_error;
  const bool better = std::isfinite(loss) && std::isfinite(error) && (!state->has_best || lower);
  state->validations_since_best = better ? 0 : state->validations_since_best + 1;
  if (better) {
    state->has_best = true;
    state->best_loss = loss;
    state->best_error = error;
    state->best_step = state->step;
  }
  const Index patience = options_.validation.patience;
  if (patience > 0 && state->validations_since_best >= patience) state->finished = true;
  return better;
}

}  // namespace lockstep
