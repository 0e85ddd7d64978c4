// What a corpus remembers of the user's data, so that new data is read and normalised in the same
// way and predictions come out in the user's units. Kept as JSON text (CorpusInfo::task):
//
//   {"task": "arrays", "target": "real", "per": "step",
//    "inputs": [{"name": "rain", "mean": 2.5, "offset": 2.5, "scale": 1.5, "indicator": false}],
//    "targets": [{"name": "discharge", ...}],
//    "missing_values": "mean", "missing": ["-999"],
//    "table": {"sequence_column": "basin", "static_columns": ["area"], ...},
//    "members": {"inputs": "x", ...}}
#pragma once

#include <string>
#include <vector>

#include "data/arrays/array_options.h"
#include "data/arrays/array_survey.h"
#include "data/arrays/column_scaling.h"

namespace lockstep {

struct ArrayTask {
  std::vector<ColumnScale> inputs;   // [I], in the order of the values of a sequence
  std::vector<ColumnScale> targets;  // [K]; only the name counts for classes
  bool has_classes = false;
  bool per_step = false;
  MissingRule missing_rule = MissingRule::kRefuse;
  std::vector<std::string> missing;  // as MissingMarks takes them
  // How files were read; new ones are read in the same way. Without time and split columns.
  ArrayTableOptions table;
  ArrayMembers members;  // those of the training split, where its file has members
  // The arrays of the training split had lengths or offsets: not all of their rows need be data.
  bool has_ends = false;

  // Elements of a row of the field "inputs": the inputs, then the indicators.
  Index input_width() const;
  // Options to read new data without targets.
  ArrayReadOptions ReadOptions() const;
};

std::string ArrayTaskToJson(const ArrayTask& task);
// BadData names `file` and the place in the JSON text where it is no such task; nothing in it is
// trusted.
ArrayTask ArrayTaskFromJson(const std::string& text, const std::string& file);

}  // namespace lockstep
