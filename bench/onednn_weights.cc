#include "bench/onednn_weights.h"

#include "base/error.h"
#include "bench/onednn_rnn.h"

namespace lockstep {
namespace {

// The number of Lockstep's gate that is gate `g` of oneDNN.
Index LockstepGate(CellKind cell, Index g) { return cell == CellKind::kGru && g < 2 ? 1 - g : g; }

// The offset of a parameter of layer k in the flat array; `what` is its name without the layer,
// such as weight_ih.
Index OffsetOf(const LayerProblem& problem, const char* what, Index k, Index direction) {
  const std::string name = fmt::format("rnn.{}_l{}{}", what, k, direction == 0 ? "" : "_reverse");
  for (const ParameterInfo& info : problem.layout.infos()) {
    if (info.name == name) return info.offset;
  }
  throw UsageError("the layout has no parameter {}", name);
}

// Calls visit(index in the flat array, index in oneDNN's array) for each weight.
template <typename Visit>
void ForEachWeight(const LayerProblem& problem, Index layer, WeightKind kind, const Visit& visit) {
  const LayerCase& c = problem.shape;
  const bool input = kind == WeightKind::kInput;
  const Index K = input ? c.InputSizeOf(layer) : c.hidden_size;
  const Index G = GateCount(c.cell), H = c.hidden_size;
  for (Index d = 0; d < c.directions; ++d) {
    const Index offset = OffsetOf(problem, input ? "weight_ih" : "weight_hh", layer, d);
    for (Index i = 0; i < K * G * H; ++i) {
      const Index k = i / (G * H), g = i / H % G, h = i % H;
      visit(offset + (LockstepGate(c.cell, g) * H + h) * K + k, d * K * G * H + i);
    }
  }
}

// Calls visit(index of the input bias, index of the recurrent bias, index in oneDNN's array, is it
// the candidate of a GRU) for each bias.
template <typename Visit>
void ForEachBias(const LayerProblem& problem, Index layer, const Visit& visit) {
  const LayerCase& c = problem.shape;
  const Index G = GateCount(c.cell), H = c.hidden_size, bias_count = OnednnBiasCount(c.cell);
  for (Index d = 0; d < c.directions; ++d) {
    const Index bias_ih = OffsetOf(problem, "bias_ih", layer, d);
    const Index bias_hh = OffsetOf(problem, "bias_hh", layer, d);
    for (Index i = 0; i < G * H; ++i) {
      const Index from = LockstepGate(c.cell, i / H) * H + i % H;
      visit(bias_ih + from, bias_hh + from, d * bias_count * H + i,
            i / H == G - 1 && bias_count > G);
    }
  }
}

}  // namespace

void WeightsToOnednn(const LayerProblem& problem, Index layer, WeightKind kind, float* onednn) {
  ForEachWeight(problem, layer, kind,
                [&](Index flat, Index there) { onednn[there] = problem.values[flat]; });
}

void WeightsFromOnednn(const LayerProblem& problem, Index layer, WeightKind kind,
                       const float* onednn, float* flat_array) {
  ForEachWeight(problem, layer, kind,
                [&](Index flat, Index there) { flat_array[flat] = onednn[there]; });
}

void BiasToOnednn(const LayerProblem& problem, Index layer, float* onednn) {
  const AlignedBuffer<float>& values = problem.values;
  const Index H = problem.shape.hidden_size;
  ForEachBias(problem, layer, [&](Index ih, Index hh, Index there, bool candidate) {
    onednn[there] = candidate ? values[ih] : values[ih] + values[hh];
    if (candidate) onednn[there + H] = values[hh];
  });
}

void BiasFromOnednn(const LayerProblem& problem, Index layer, const float* onednn, float* flat) {
  const Index H = problem.shape.hidden_size;
  ForEachBias(problem, layer, [&](Index ih, Index hh, Index there, bool candidate) {
    flat[ih] = onednn[there];
    flat[hh] = onednn[candidate ? there + H : there];
  });
}

}  // namespace lockstep
