// Between Lockstep's weights [G*H, K] a direction, gates as in PyTorch, and oneDNN's "ldigo"
// [1, D, K, G, H]: the layout in which its backward gives weight gradients, so the one in which a
// trainer built on oneDNN would keep its weights. Done outside the timing.
//
// Gate order: GRU r, z, n here is u, r, o = z, r, n there; LSTM i, f, g, o is i, f, c, o.
#pragma once

#include "bench/layer_problem.h"

namespace lockstep {

// Which of the two matrices of a layer; the number K of its columns follows from it.
enum class WeightKind { kInput, kRecurrent };

// Sets `onednn` [D, K, G, H] from the flat parameters of a problem.
void WeightsToOnednn(const LayerProblem& problem, Index layer, WeightKind kind, float* onednn);
// The other way, into a flat array.
void WeightsFromOnednn(const LayerProblem& problem, Index layer, WeightKind kind,
                       const float* onednn, float* flat);

// Biases [D, OnednnBiasCount, H]: oneDNN has the sum of both, and for GRU, after the three sums,
// the recurrent bias of the candidate by itself.
void BiasToOnednn(const LayerProblem& problem, Index layer, float* onednn);
void BiasFromOnednn(const LayerProblem& problem, Index layer, const float* onednn, float* flat);

}  // namespace lockstep
