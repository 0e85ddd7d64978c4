// A sequence of a user's data to the rows that a model reads, the same in the importer and in
// predict: missing values filled in, columns scaled, indicators added.
#pragma once

#include <vector>

#include "data/arrays/array_task.h"

namespace lockstep {

// Values that were filled in.
struct FilledCounts {
  Index by_mean = 0;
  Index by_previous = 0;
};

class ArrayEncoder {
 public:
  explicit ArrayEncoder(ArrayTask task) : task_(std::move(task)) {}

  // Sets [steps, ArrayTask::input_width()]. BadData with place and column for a missing value where
  // those are refused, and for a value that is too large for 32 bits.
  void EncodeInputs(const ArraySequence& sequence, std::vector<float>* rows, FilledCounts* filled);
  // Sets [target_rows, K]; NaN where a target is missing.
  void EncodeTargets(const ArraySequence& sequence, std::vector<float>* rows) const;

  const ArrayTask& task() const { return task_; }

 private:
  double Filled(const ArraySequence& sequence, std::size_t step, std::size_t column,
                FilledCounts* filled);

  ArrayTask task_;
  std::vector<double> previous_;  // [I] of the steps before; NaN where there is none
};

}  // namespace lockstep
