#include "worker/metrics/edit_distance.h"

#include <algorithm>
#include <numeric>

namespace lockstep {

// One row of the usual table at a time: row[j] is the distance between the elements of `a` read so
// far and the first j elements of `b`; `diagonal` is row[j] as it was before this element of `a`.
Index EditDistance(std::span<const std::int32_t> a, std::span<const std::int32_t> b,
                   std::int32_t* row) {
  std::iota(row, row + b.size() + 1, 0);
  for (std::int32_t element : a) {
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
