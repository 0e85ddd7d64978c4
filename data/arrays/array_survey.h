// The first pass over a user's data: which sequences there are, what their targets are, what is
// missing, and the split of each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/function_ref.h"
#include "data/arrays/array_options.h"

namespace lockstep {

struct SurveyedSequence {
  Index steps = 0;
  std::uint32_t file = 0;                // among the files of its split, or of train if drawn
  DataSplit source = DataSplit::kTrain;  // whose files it is in
  DataSplit split = DataSplit::kTrain;   // that it goes into
  bool dropped = false;                  // it has no target, and those are skipped
};

// Values of a column that are missing.
struct MissingCount {
  Index count = 0;
  std::string first = {};  // place
};

struct ArraySurvey {
  ArrayReadOptions read;  // as given, with input columns and kind of target resolved
  ArrayColumns columns;
  ClassNames classes;
  bool has_classes = false;
  bool per_step = false;
  std::vector<SurveyedSequence> sequences;  // in the order of reading: train, valid, test
  std::vector<MissingCount> inputs;         // [I]
  std::vector<MissingCount> targets;        // [K]
  Index dropped = 0;                        // sequences

  Index SequencesOf(DataSplit split) const;
};

// UsageError and BadData for everything that is wrong with the data itself: missing values where
// they are refused, columns that differ between splits, splits of the split column that are none,
// an empty training split. Memory: 24 bytes per sequence.
ArraySurvey SurveyArrays(const ArrayCorpusOptions& options);

// Calls `use` for every sequence that is not dropped, in the order of the survey, with one row of
// targets where they are per sequence. BadData when the files are no longer what was surveyed.
using UseSequence = FunctionRef<void(const SurveyedSequence&, const ArraySequence&)>;
void ForEachSurveyed(const ArrayCorpusOptions& options, ArraySurvey* survey, UseSequence use);

// One sentence per column with missing values, for example `input "rain": 3 values are missing, the
// first in rain.csv:7`.
std::vector<std::string> DescribeMissing(const char* what, const std::vector<std::string>& names,
                                         const std::vector<MissingCount>& counts);

}  // namespace lockstep
