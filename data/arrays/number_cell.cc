#include "data/arrays/number_cell.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <system_error>

#include "base/text.h"
#include "base/types.h"

namespace lockstep {
namespace {

constexpr std::array<std::string_view, 9> kMissingWords = {"",    "NA",   "N/A",  "NaN", "nan",
                                                           "NAN", "null", "NULL", "?"};

// Whether a number that no double can hold is too small rather than too large, by the place of its
// first digit that is not zero.
bool IsTiny(std::string_view number) {
  const std::size_t end = std::min(number.find_first_of("eE"), number.size());
  const std::string_view mantissa = number.substr(0, end);
  Index exponent = 0;
  if (end < number.size() && !ReadNumber(std::string(number.substr(end + 1)), &exponent))
    return number.substr(end + 1).starts_with('-');  // beyond what an Index holds
  const auto point = static_cast<Index>(std::min(mantissa.find('.'), mantissa.size()));
  const auto first = static_cast<Index>(mantissa.find_first_of("123456789"));
  return point - first + exponent < 0;
}

}  // namespace

bool IsMissingCell(std::string_view cell) {
  return std::find(kMissingWords.begin(), kMissingWords.end(), Trim(cell)) != kMissingWords.end();
}

NumberCell ParseNumberCell(std::string_view cell) {
  cell = Trim(cell);
  if (IsMissingCell(cell)) return {NumberKind::kMissing, std::numeric_limits<double>::quiet_NaN()};
  if (cell.starts_with('+') && !cell.starts_with("+-")) cell.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (end != cell.data() + cell.size() || std::isnan(value)) return {NumberKind::kText, 0};
  if (error == std::errc::result_out_of_range) {
    // Too large, or closer to zero than any double, as p-values may be.
    if (IsTiny(cell)) return {NumberKind::kFinite, 0};
  }
  if (error == std::errc::result_out_of_range || std::isinf(value)) {
    return {NumberKind::kInfinite, 0};
  }
  if (error != std::errc()) return {NumberKind::kText, 0};
  return {NumberKind::kFinite, value};
}

bool HasDecimalComma(std::string_view cell) {
  cell = Trim(cell);
  const std::size_t comma = cell.find(',');
  if (comma == cell.npos || comma == 0 || comma + 1 == cell.size()) return false;
  std::string with_point(cell);
  with_point[comma] = '.';
  return ParseNumberCell(with_point).kind == NumberKind::kFinite;
}

}  // namespace lockstep
