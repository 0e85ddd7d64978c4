// Numbers as text: the cells of a table. Decimal and scientific notation with a point, whatever the
// locale of the process.
#pragma once

#include <string_view>

namespace lockstep {

enum class NumberKind {
  kFinite,
  kMissing,   // an empty cell, NA, N/A, NaN, nan, NAN, null, NULL or ?
  kInfinite,  // inf, or a number beyond the range of a double
  kText,      // anything else
};

struct NumberCell {
  NumberKind kind = NumberKind::kMissing;
  double value = 0;  // NaN for kMissing; 0 for kInfinite and kText
};

// `cell` may have white space at its ends.
NumberCell ParseNumberCell(std::string_view cell);
bool IsMissingCell(std::string_view cell);
// Whether it would be a number if its comma were a point: "0,84".
bool HasDecimalComma(std::string_view cell);

}  // namespace lockstep
