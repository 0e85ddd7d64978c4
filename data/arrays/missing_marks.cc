#include "data/arrays/missing_marks.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "data/arrays/number_cell.h"

namespace lockstep {

MissingMarks::MissingMarks(std::vector<std::string> given) : given_(std::move(given)) {
  for (const std::string& mark : given_) {
    const NumberCell number = ParseNumberCell(mark);
    if (number.kind == NumberKind::kFinite) numbers_.push_back(number.value);
  }
}

bool MissingMarks::Has(std::string_view cell) const {
  if (IsMissingCell(cell)) return true;
  if (given_.empty()) return false;
  if (std::find(given_.begin(), given_.end(), Trim(cell)) != given_.end()) return true;
  const NumberCell number = ParseNumberCell(cell);
  return number.kind == NumberKind::kFinite && Has(number.value);
}

bool MissingMarks::Has(double value) const {
  return std::isnan(value) || std::find(numbers_.begin(), numbers_.end(), value) != numbers_.end();
}

}  // namespace lockstep
