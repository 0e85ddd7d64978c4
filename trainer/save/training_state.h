// What training remembers between two steps, besides parameters and moments; together they are a
// checkpoint. Nothing in it depends on the number of ranks or threads.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/batch/batch.h"
#include "data/batch/schema.h"
#include "trainer/step/learning_rate.h"

namespace lockstep {

struct TrainingState {
  Index step = 0;     // steps done
  Index updates = 0;  // steps whose update was applied (not skipped)
  Index skipped = 0;  // steps skipped in all
  Index skipped_in_a_row = 0;
  Cursor cursor;        // the next batch
  Index sequences = 0;  // seen in all
  PlateauState plateau;
  std::vector<double> clip_history;
  bool has_best = false;
  double best_loss = 0;  // of the validations so far
  Index best_step = 0;
  Index validations_since_best = 0;
  bool validation_due = false;  // of this step: the run was stopped before or in it
  Index metrics_bytes = 0;      // length of metrics.jsonl when the state was taken
  bool finished = false;        // the run came to its end (early stopping included)

  // What the state belongs to.
  std::map<std::string, std::string> config;  // resolved: every key and its value
  std::optional<Schema> schema;               // of the model's batches; older programs stored none
  std::string corpus_hash;
  std::string parameters_hash;
  std::string code_version;
  std::string isa;
};

std::string StateToJson(const TrainingState& state);
// BadData naming `file` when the text is not what StateToJson writes.
TrainingState StateFromJson(const std::string& text, const std::string& file);

}  // namespace lockstep
