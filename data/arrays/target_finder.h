// Finds out from the targets themselves whether they are classes or real values, and whether there
// is one per step or one per sequence, where the user does not say so.
#pragma once

#include <optional>
#include <string>

#include "data/arrays/array_sequence.h"

namespace lockstep {

class TargetFinder {
 public:
  // What the user asks for, if anything.
  TargetFinder(TargetKind kind, TargetPer per, bool classes_are_given)
      : asked_kind_(kind), asked_per_(per), classes_are_given_(classes_are_given) {}

  // Looks at the next sequence. UsageError where targets per
  // step are asked for and there is one row per sequence.
  void Add(const ArraySequence& sequence, const ArrayColumns& columns);

  // kClass or kReal, and kStep or kSequence, after the last sequence. UsageError where the data
  // leaves it open; BadData where it contradicts what was asked for.
  TargetKind Kind() const;
  TargetPer Per() const;

 private:
  void AddKind(const ArraySequence& sequence);
  void AddPer(const ArraySequence& sequence, const ArrayColumns& columns);

  TargetKind asked_kind_;
  TargetPer asked_per_;
  bool classes_are_given_;
  std::string column_;  // of the targets
  std::size_t width_ = 0;
  // Places of the first target of each kind; empty: there is none.
  std::string text_, fraction_, whole_, too_many_;
  std::string change_;  // where a target differs from an earlier one of its sequence
};

// Makes one row of the rows of a sequence: in each column the first value that is not missing.
void CondenseTargets(ArraySequence* sequence);

}  // namespace lockstep
