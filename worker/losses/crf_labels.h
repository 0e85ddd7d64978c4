// The labels of one sequence. The sequences of a slot are computed one after another.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/workspace.h"
#include "data/batch/batch.h"

namespace lockstep {

// The known and the found labels [steps]. The memory is in the workspace.
struct CrfLabels {
  CrfLabels(Index steps, Workspace* workspace)
      : known(workspace->Take<std::int32_t>(steps)), best(workspace->Take<std::int32_t>(steps)) {}
  static Index Bytes(Index steps) { return 2 * Workspace::BytesFor<std::int32_t>(steps); }

  // Copies the targets [rows] of sequence b; returns how many are not ignored.
  Index Read(const PackedLayout& layout, Index b, std::span<const std::int32_t> targets) const {
    Index count = 0;
    for (Index t = 0; t < layout.Length(b); ++t) {
      known[t] = targets[static_cast<std::size_t>(layout.Row(t, b))];
      count += known[t] >= 0 ? 1 : 0;
    }
    return count;
  }

  std::int32_t* known;
  std::int32_t* best;
};

// Sets labels [steps] of a sequence that has no best ones, because a number is not finite: those
// with the largest emission of each step.
template <typename S>
void FindLargest(const PackedLayout& layout, Index b, Index classes, const S* emissions,
                 std::int32_t* labels) {
  for (Index t = 0; t < layout.Length(b); ++t) {
    const S* const x = emissions + layout.Row(t, b) * classes;
    labels[t] = static_cast<std::int32_t>(std::max_element(x, x + classes) - x);
  }
}

}  // namespace lockstep
