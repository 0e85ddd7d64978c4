#include "data/arrays/number_cell.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "base/text.h"

namespace lockstep {
namespace {

constexpr std::array<std::string_view, 9> kMissingWords = {"",    "NA",   "N/A",  "NaN", "nan",
                                                           "NAN", "null", "NULL", "?"};

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
  if (error == std::errc::result_out_of_range || std::isinf(value)) {
    return {NumberKind::kInfinite, 0};
  }
  if (error != std::errc()) return {NumberKind::kText, 0};
  return {NumberKind::kFinite, value};
}

}  // namespace lockstep
