// How many elements one must insert, delete or replace to turn one sequence into another
// (Levenshtein 1966): errors of labels, slips in a name. worker/metrics/error_rate.h tells the
// kinds of errors apart.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>

#include "base/types.h"

namespace lockstep {

// `row` is scratch, [b.size() + 1]. Time grows with a.size() * b.size().
// One row of the usual table at a time: row[j] is the distance between the elements of `a` read so
// far and the first j elements of `b`; `diagonal` is row[j] as it was before this element of `a`.
template <typename Element>
Index EditDistance(std::span<const Element> a, std::span<const Element> b, std::int32_t* row) {
  std::iota(row, row + b.size() + 1, 0);
  for (const Element& element : a) {
    std::int32_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::int32_t replaced = diagonal + (element == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace lockstep
