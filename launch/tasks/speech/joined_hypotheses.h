// The transcripts of a recording that was cut into parts for decoding.
#pragma once

#include <span>
#include <vector>

#include "worker/decode/ctc_beam.h"

namespace lockstep {

// Continues the hypotheses of what comes before step `first` with those of the part that begins
// there, both best first: the `most` pairs with the largest sums of totals, best first, no two with
// the same words. Equal sums come in the order of the hypotheses before, then of those of the part.
std::vector<CtcHypothesis> JoinedHypotheses(std::span<const CtcHypothesis> before,
                                            std::span<const CtcHypothesis> part, Index first,
                                            Index most);

}  // namespace lockstep
