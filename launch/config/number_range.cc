#include "launch/config/number_range.h"

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "base/text.h"

namespace lockstep {

NumberRange NumberRangeFromText(const std::string& key, const std::string& text, double least,
                                double most) {
  NumberRange range;
  const std::size_t comma = std::min(text.find(','), text.size());
  const std::string_view low = std::string_view(text).substr(0, comma);
  const std::string_view high = std::string_view(text).substr(std::min(comma + 1, text.size()));
  const bool numbers = ReadNumber(low, &range.low) && ReadNumber(high, &range.high);
  // Written so that it does not hold for NaN.
  if (numbers && range.low >= least && range.low <= range.high && range.high <= most) return range;
  throw UsageError("{} is \"{}\"; allowed is LOW,HIGH with {} <= LOW <= HIGH <= {}", key, text,
                   least, most);
}

}  // namespace lockstep
