// The pass over a user's data after the survey: statistics of the training split, and the classes
// of every split.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "data/arrays/array_survey.h"
#include "data/arrays/column_scaling.h"

namespace lockstep {

struct ArrayMeasures {
  // Measures of the training split only.
  std::vector<ColumnMoments> inputs;   // [I]
  std::vector<ColumnMoments> targets;  // [K]; empty for classes
  std::vector<Index> missing_inputs;   // [I]
  // Targets of each class by its id in ClassNames, in train, valid and test.
  std::vector<std::array<Index, kDataSplits>> class_counts;
  std::array<Index, kDataSplits> steps{};
  std::array<Index, kDataSplits> longest{};  // steps of the longest sequence
};

// BadData for a column without a single value in the training split, a class that appears in valid
// or test only (with its first place), a class of --classes without a training target, and for a
// single class.
ArrayMeasures MeasureArrays(const ArrayCorpusOptions& options, ArraySurvey* survey);

}  // namespace lockstep
