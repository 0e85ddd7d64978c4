// Which rows of a large table a gradient has touched: those of the symbols that occurred. All other
// rows of the gradient are zero, so that they need be neither cleared nor added. Allocates only
// when it is made.
#pragma once

#include <span>
#include <vector>

#include "base/types.h"

namespace lockstep {

class TouchedRows {
 public:
  // For a table of `rows` rows, of which none is touched.
  explicit TouchedRows(Index rows) : is_touched_(static_cast<std::size_t>(rows)) {
    rows_.reserve(static_cast<std::size_t>(rows));
  }
  // Adds rows; each is below the number of rows, and may be named any number of times.
  void Add(std::span<const std::int32_t> rows) {
    for (const std::int32_t row : rows) {
      if (is_touched_[static_cast<std::size_t>(row)]) continue;
      is_touched_[static_cast<std::size_t>(row)] = true;
      rows_.push_back(row);
    }
  }
  void Clear() {
    for (const std::int32_t row : rows_) is_touched_[static_cast<std::size_t>(row)] = false;
    rows_.clear();
  }
  // The rows, each once, in the order in which they were added.
  std::span<const std::int32_t> rows() const { return rows_; }

 private:
  std::vector<std::int32_t> rows_;
  std::vector<bool> is_touched_;
};

}  // namespace lockstep
