// One sequence of a user's own numbers, as every reader gives it and before anything is normalised,
// and the readers' common interface.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/types.h"
#include "data/arrays/class_names.h"

namespace lockstep {

// Whether targets are classes or real values, and what there is one of.
enum class TargetKind { kFromData, kClass, kReal };
enum class TargetPer { kFromData, kStep, kSequence };

// What the columns of a source are called, in the order of the values.
struct ArrayColumns {
  std::vector<std::string> inputs = {};    // [I], at least one; those constant per sequence last
  std::vector<std::string> targets = {};   // [K]; empty where no targets are read
  std::vector<std::string> left_out = {};  // columns that are no inputs because they hold text
};

struct ArraySequence {
  std::string file = {};
  std::string name = {};             // what the user calls it, or its line or number
  Index number = 0;                  // among the sequences of its file, from 0
  std::string split = {};            // what the split column says; empty where there is none
  Index steps = 0;                   // at least 1
  std::vector<Index> lines = {};     // [steps] in the file, from 1; empty where there are no lines
  std::vector<double> inputs = {};   // [steps, I]; NaN where a value is missing
  Index target_rows = 0;             // steps, or 1
  std::vector<double> targets = {};  // [target_rows, K]; NaN where one is missing or is no number
  // [target_rows] ids of ClassNames where there is one target that is not known to be real:
  // kMissingLabel where it is missing or has a fraction.
  std::vector<std::int32_t> labels = {};

  // Empties the sequence but keeps its memory.
  void Clear();
};

// Where a step lies, for messages: "rain.csv:17", or "x.npy, sequence 3, step 5 (counted from 0)".
std::string PlaceOfStep(const ArraySequence& sequence, Index step);
// Where the sequence begins: "rain.csv:12", or "x.npy, sequence 3 (counted from 0)".
std::string PlaceOfSequence(const ArraySequence& sequence);
// Where a row of targets lies: that of its step, or of the sequence.
std::string PlaceOfTarget(const ArraySequence& sequence, Index row);

class ArraySource {
 public:
  virtual ~ArraySource() = default;
  virtual const ArrayColumns& columns() const = 0;
  // The next sequence in the order of the files; false at the end. The memory of `sequence` is used
  // again. BadData names file, line or index, column and value of what cannot be used.
  virtual bool Next(ArraySequence* sequence) = 0;
};

}  // namespace lockstep
