// Which rows or sequences of the training files become validation and test data, when the user has
// no files for them: drawn fractions, or one fold of a cross-validation. Classes are divided
// evenly.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

enum class DataSplit : std::uint8_t { kTrain, kValid, kTest };
inline constexpr int kDataSplits = 3;
// "train", "valid", "test".
const char* DataSplitName(DataSplit split);

struct SplitDraw {
  std::uint64_t seed = 1;
  // Shares of all rows; 0 .. 0.9 each and together. With folds, valid_fraction is a share of what
  // the test fold leaves. 0: the split has files of its own, or there is none.
  double valid_fraction = 0;
  double test_fraction = 0;
  // Cross-validation: `fold` (1 .. folds) of `folds` (2 .. 1000) is the test split. 0: none.
  Index folds = 0;
  Index fold = 0;
  bool draws() const { return valid_fraction > 0 || test_fraction > 0 || folds > 0; }
};

// A row of the training files.
struct DrawnRow {
  std::uint64_t file = 0;  // its number among the training files
  std::uint64_t line = 0;
  std::int32_t label = 0;
};

// The split of each row. Rows of a class are brought into an order that is a pure function of seed,
// file and line; then
// - the rows of the order go to the folds in turn, so that two folds differ by at most one row of
//   each class; where one class ends, the next goes on. Which fold a row is in depends on neither
//   `fold` nor valid_fraction, so that the test splits of all folds are the corpus, each row once;
// - or the first test_fraction of each class, rounded, is the test split.
// The validation split is drawn in the same way, with numbers of its own, from what is left.
std::vector<DataSplit> DrawSplits(std::span<const DrawnRow> rows, const SplitDraw& draw);

// One sentence for each option with a value that is not allowed.
std::vector<std::string> FindSplitDrawProblems(const SplitDraw& draw);

// "3/10": fold 3 of 10. UsageError when it is no such thing.
void ParseFold(const std::string& text, SplitDraw* draw);

}  // namespace lockstep
