// Helpers for writing SVG as text.
#pragma once

#include <string>
#include <string_view>

namespace lockstep {

// A text for use in XML: special characters are escaped; control characters and bytes that are not
// valid UTF-8 become "?".
std::string XmlText(std::string_view text);

// The same for text of several lines: line feeds stay.
std::string XmlLines(std::string_view text);

// The distance of ticks on an axis: the smallest number of the form 1, 2 or 5 times a power of ten
// that divides `range` into at most `most` parts.
double TickStep(double range, int most);

}  // namespace lockstep
