// The range of an axis of a chart, and the numbers beside it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "launch/report/value_range.h"

namespace lockstep {

// The range that an axis shows for values of `range`, which are powers of ten if it is
// `logarithmic`: a little more on both sides. Values that differ by no more than their rounding get
// a flat line: ticks between them would be too close to be told apart.
ValueRange Widened(const ValueRange& range, bool logarithmic);

// Places on the axis, and their texts.
using Ticks = std::vector<std::pair<double, std::string>>;

// At most about `most` ticks, at round numbers and `least_step` apart at least: there is no half of
// a step. An axis of logarithms that is shorter than a power of ten has ticks like any other.
Ticks TicksOf(const ValueRange& axis, int most, bool logarithmic, double least_step);

}  // namespace lockstep
