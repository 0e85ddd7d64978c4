// Decides which rows or sequences of the training files become validation and test data, if the
// user has no separate files for them: random fractions, or one fold of a cross-validation. Classes
// are divided evenly.
#pragma once

#include <array>
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
  // Shares of all rows, each and together in [0, 0.9]. With folds, valid_fraction is a share of the
  // rows that are not in the test fold. 0: the split has its own files, or there is no such split.
  double valid_fraction = 0;
  double test_fraction = 0;
  // Cross-validation: `fold` (1 .. folds) of `folds` (2 .. 1000) is the test split. 0: none.
  Index folds = 0;
  Index fold = 0;
  bool draws() const { return valid_fraction > 0 || test_fraction > 0 || folds > 0; }
};

// A row of the training files.
struct DrawnRow {
  std::uint64_t file = 0;  // index of its file among the training files
  std::uint64_t line = 0;
  std::int32_t label = 0;
};

// Returns the split of each row. The rows of each class are put into a random order, which is a
// pure function of seed, file and line. Then
// - with folds, the rows are dealt to the folds in turn, class after class, so that two folds
//   differ by at most one row of each class. The fold of a row depends on neither `fold` nor
//   valid_fraction, so the test splits of all folds together are the whole corpus, each row once;
// - without folds, the first test_fraction of the rows of each class, rounded, are the test split.
// The validation split is drawn in the same way from the remaining rows, with other random numbers.
// UsageError if no row is left for training.
std::vector<DataSplit> DrawSplits(std::span<const DrawnRow> rows, const SplitDraw& draw);

// One sentence for each split that an option asks for and that got nothing of `counts` (samples by
// DataSplit): its share of each class is rounded, so few samples can make none.
// `documents`: how many documents were drawn as a whole, if it was not samples.
std::vector<std::string> EmptyDrawWarnings(const SplitDraw& draw,
                                           const std::array<Index, kDataSplits>& counts,
                                           Index documents = 0);

// One sentence for each option with a value that is not allowed.
std::vector<std::string> FindSplitDrawProblems(const SplitDraw& draw);

// Reads a text such as "3/10", which means fold 3 of 10. UsageError if it has another form.
void ParseFold(const std::string& text, SplitDraw* draw);

}  // namespace lockstep
