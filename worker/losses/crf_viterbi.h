// The label sequence with the largest score (Viterbi 1967).
#pragma once

#include <cstdint>
#include <span>

#include "worker/losses/crf_chain.h"

namespace lockstep {

// Sets labels [chain.steps] to the allowed sequence with the largest score; of several such, the
// one whose last labels have the smallest ids. Returns false if no sequence is allowed; the labels
// are then those with the largest emission of each step.
bool FindBestLabels(const CrfWeights& weights, const CrfChain& chain, Workspace* workspace,
                    std::span<std::int32_t> labels);
Index BestLabelsBytes(Index steps, Index classes);

}  // namespace lockstep
