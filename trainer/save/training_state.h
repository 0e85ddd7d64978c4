// The state that training keeps between two steps, besides parameters and moments; together they
// form a checkpoint. Nothing in it depends on the number of ranks or threads.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/batch/batch.h"
#include "data/batch/schema.h"
#include "trainer/step/learning_rate.h"
#include "trainer/step/weight_average.h"

namespace lockstep {

struct TrainingState {
  Index step = 0;              // number of steps done
  Index updates = 0;           // number of steps whose update was applied (not skipped)
  Index skipped = 0;           // number of skipped steps
  Index skipped_in_a_row = 0;  // number of skipped steps since the last update
  Cursor cursor;               // position of the next batch
  Index sequences = 0;         // number of sequences seen
  PlateauState plateau;
  AverageState average;  // of the running average of the parameters
  std::vector<double> clip_history;
  bool has_best = false;
  double best_loss = 0;  // of the best validation so far
  // Its share of wrong labels (1 where the model counts no right ones); or, if validation.metric is
  // one of these, its word error rate, 1 - macro F1, or its root mean square error.
  double best_error = 0;
  Index best_step = 0;  // the step of that validation
  Index validations_since_best = 0;
  bool validation_due = false;  // the run was stopped before or during the validation of this step
  Index metrics_bytes = 0;      // length of metrics.jsonl when the state was taken
  std::vector<Index> averaged_steps;  // of a mean (checkpoint_average.h): its steps, newest first
  // The kind of running average that the parameters are (AverageName), if they are one; then
  // averaged_steps has one entry, the step it was taken at.
  std::string averaged_by;
  bool finished = false;  // the run reached its end (early stopping included)

  // What the state belongs to, to be compared when a run is resumed.
  std::map<std::string, std::string> config;  // resolved: every key and its value
  std::optional<Schema> schema;               // of the model's batches; missing in old checkpoints
  std::string corpus_hash;
  std::string parameters_hash;
  std::string code_version;
  std::string isa;
};

std::string StateToJson(const TrainingState& state);
// BadData that names `file` if the text is not one that StateToJson can have written.
TrainingState StateFromJson(const std::string& text, const std::string& file);

}  // namespace lockstep
