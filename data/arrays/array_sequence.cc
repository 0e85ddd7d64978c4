#include "data/arrays/array_sequence.h"

#include <fmt/format.h>

namespace lockstep {

void ArraySequence::Clear() {
  file.clear();
  name.clear();
  split.clear();
  number = 0;
  steps = 0;
  lines.clear();
  inputs.clear();
  target_rows = 0;
  targets.clear();
  labels.clear();
}

std::string PlaceOfStep(const ArraySequence& sequence, Index step) {
  if (!sequence.lines.empty()) {
    return fmt::format("{}:{}", sequence.file, sequence.lines[static_cast<std::size_t>(step)]);
  }
  return fmt::format("{}, sequence {}, step {} (counted from 0)", sequence.file, sequence.number,
                     step);
}

std::string PlaceOfSequence(const ArraySequence& sequence) {
  if (!sequence.lines.empty()) return PlaceOfStep(sequence, 0);
  return fmt::format("{}, sequence {} (counted from 0)", sequence.file, sequence.number);
}

std::string PlaceOfTarget(const ArraySequence& sequence, Index row) {
  return sequence.target_rows == sequence.steps ? PlaceOfStep(sequence, row)
                                                : PlaceOfSequence(sequence);
}

}  // namespace lockstep
