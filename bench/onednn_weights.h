// Converts between Lockstep's weights, [G*H, K] per direction with gates as in PyTorch, and
// oneDNN's layout "ldigo", [1, D, K, G, H]. oneDNN's backward gives weight gradients in that
// layout, so a trainer built on oneDNN would keep its weights in it. The conversion is not timed.
//
// Gate order: GRU r, z, n here is u, r, o = z, r, n there; LSTM i, f, g, o is i, f, c, o.
#pragma once

#include "bench/layer_problem.h"

namespace lockstep {

// The two matrices of a layer. Their number K of columns is I or H.
enum class WeightKind { kInput, kRecurrent };

// Sets `onednn` [D, K, G, H] from the flat parameters of a problem.
void WeightsToOnednn(const LayerProblem& problem, Index layer, WeightKind kind, float* onednn);
// The reverse, into a flat array.
void WeightsFromOnednn(const LayerProblem& problem, Index layer, WeightKind kind,
                       const float* onednn, float* flat);

// Biases [D, OnednnBiasCount, H]. oneDNN has only the sum of the two biases of a gate. For GRU, the
// recurrent bias of the candidate is not part of its sum, but follows after the three sums.
void BiasToOnednn(const LayerProblem& problem, Index layer, float* onednn);
void BiasFromOnednn(const LayerProblem& problem, Index layer, const float* onednn, float* flat);

}  // namespace lockstep
