// When a run is validated, on what, and what its state remembers of it: best loss, patience, rate
// on a plateau.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "trainer/evaluation/evaluator.h"
#include "trainer/evaluation/shared_tables.h"
#include "trainer/options/trainer_options.h"
#include "trainer/save/training_state.h"

namespace lockstep {

class Validation {
 public:
  // All but the name of the folder must outlive it.
  Validation(const Communicator& comm, const std::string& corpus_folder, const CorpusInfo& corpus,
             const TrainerOptions& options);

  // Whether the step that brought the run to `state` is followed by a validation.
  bool IsDue(const TrainingState& state) const;
  // Collective. Opens the shards at the first call and leaves them open. Nothing when a rank
  // `wants_stop` (see Evaluate).
  std::optional<Evaluation> Run(const float* values, FunctionRef<double()> wants_stop,
                                Worker* worker);
  // Enters a validation into the state of its step; it is finished when patience is at its end.
  // `own` are the metrics of the model (Model::metrics). True when it is better than all before by
  // the metric of the options.
  bool Record(const Evaluation& found, std::span<const TaskMetric> own, TrainingState* state) const;

 private:
  double ErrorOf(const Evaluation& found, std::span<const TaskMetric> own) const;

  const Communicator& comm_;
  const std::string corpus_folder_;
  const CorpusInfo& corpus_;
  const TrainerOptions& options_;
  std::unique_ptr<SharedShards> shards_;
};

}  // namespace lockstep
