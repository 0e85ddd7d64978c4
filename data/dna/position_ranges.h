// Which bases belong to which split: ranges of positions along the records joined in file order.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

// As the user writes them: "A-B" with positions from 1, both inclusive; "A-" runs to the end;
// several are separated by commas. Without any range at all the first 80 % of the bases are for
// training, the next 10 % for validation, the rest for the test; with some, splits without a range
// stay empty.
struct SplitRangeOptions {
  std::string train;
  std::string valid;
  std::string test;
};

// Positions [begin, end), from 0.
struct SplitRange {
  Index begin = 0;
  Index end = 0;
  std::string split;
  Index size() const { return end - begin; }
};

// The ranges in the order of their positions. UsageError names option and range when one cannot be
// read, ends behind the last base, or shares a base with another.
std::vector<SplitRange> ResolveRanges(const SplitRangeOptions& options, Index bases);
// The same check of the text alone, for before the number of bases is known.
void CheckRangeSyntax(const SplitRangeOptions& options);

// "1-80,91-100" for a split: what the user would have had to write.
std::string RangesText(const std::vector<SplitRange>& ranges, const std::string& split);

}  // namespace lockstep
