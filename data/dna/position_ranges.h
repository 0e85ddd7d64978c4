// Decides which bases belong to which split: ranges of positions in the genome, whose records are
// joined in the order of the files, and whole records by their names.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

// Ranges as the user writes them: "A-B" are the positions A to B, counted from 1, both inclusive;
// "A-" extends to the end; several ranges are separated by commas. If no split has a range, the
// first 80 % of the bases are for training, the next 10 % for validation and the rest for the test.
// If any split has one, splits without a range stay empty.
struct SplitRangeOptions {
  std::string train{};
  std::string valid{};
  std::string test{};
  // Records by name, whole: patterns with * and ? such as "chr8,plasmid*", separated by commas. If
  // any split has some, but there are neither positions nor patterns for training, all bases of no
  // other split are for training.
  std::string train_records{};
  std::string valid_records{};
  std::string test_records{};

  bool has_positions() const { return !(train.empty() && valid.empty() && test.empty()); }
  bool has_records() const {
    return !(train_records.empty() && valid_records.empty() && test_records.empty());
  }
};

// Positions [begin, end), from 0.
struct SplitRange {
  Index begin = 0;
  Index end = 0;
  std::string split;
  Index size() const { return end - begin; }
};

// Returns the ranges in the order of their positions. UsageError that names option and range if one
// cannot be read, ends after the last base, or overlaps with another. `of_records` are ranges that
// were found by names (data/dna/record_splits.h), beside those of the options.
std::vector<SplitRange> ResolveRanges(const SplitRangeOptions& options, Index bases,
                                      std::vector<SplitRange> of_records = {});
// Checks the text only; for use before the number of bases is known.
void CheckRangeSyntax(const SplitRangeOptions& options);

// The ranges of a split in the form in which the user would write them: "1-80,91-100".
std::string RangesText(const std::vector<SplitRange>& ranges, const std::string& split);

}  // namespace lockstep
