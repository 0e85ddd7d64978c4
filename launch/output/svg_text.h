// Pieces of SVG as text.
#pragma once

#include <string>
#include <string_view>

namespace lockstep {

// Text as XML holds it: marks escaped, control characters and bytes that are no UTF-8 as "?".
std::string XmlText(std::string_view text);

// The smallest of 1, 2 and 5 times a power of ten that cuts `range` into at most `most` parts;
// distances of ticks on an axis.
double TickStep(double range, int most);

}  // namespace lockstep
