// One recurrent layer with every array that forward and backward need, filled from a seed. The loss
// is sum(d_y * y), so that d_y is its gradient with respect to y. Float and double harnesses of one
// seed hold the same numbers.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "base/counter_rng.h"
#include "tests/support/gradient_check.h"
#include "worker/kernels/isa.h"
#include "worker/layers/recurrent_layer.h"

namespace lockstep {

// The width of differences that suits a cell (gradient_check.h).
inline double WidthFor(CellKind cell) {
  return IsNormalised(cell) ? kNarrowDifference : kDifferenceWidth;
}

inline constexpr CellKind kAllCells[] = {
    CellKind::kRnnTanh, CellKind::kRnnRelu, CellKind::kGru,   CellKind::kGruResetBefore,
    CellKind::kLstm,    CellKind::kGruLn,   CellKind::kLstmLn};

// Lengths over several blocks of time, none of which ends where a sequence ends.
inline std::vector<Index> LengthsOverBlocks() {
  std::vector<Index> lengths;
  for (Index length = 200; length > 0; length -= 9) lengths.push_back(length);
  return lengths;
}

template <typename S>
class LayerHarness {
 public:
  LayerHarness(const RecurrentShape& shape, const std::vector<Index>& lengths,
               std::uint64_t seed = 1)
      : rows(lengths), layer(shape, 0, &parameters), seed_(seed) {
    const Index inputs = rows.rows() * shape.input_size;
    const Index outputs = rows.rows() * layer.output_size();
    x = Uniform(inputs, 1);
    d_y = Uniform(outputs, 1);
    y = AlignedBuffer<S>(outputs);
    d_x = AlignedBuffer<S>(inputs);
    values = AlignedBuffer<S>(parameters.size());
    gradient = AlignedBuffer<S>(parameters.size());
    for (const ParameterInfo& info : parameters.infos()) Draw(info);
    // No byte more than the layer asked for: a wrong bound aborts.
    const SlotBounds bounds{rows.sequences(), rows.steps(), rows.rows(), {}, {}};
    workspace = Workspace(layer.KeptBytes(bounds) + layer.ScratchBytes(bounds));
  }

  void Forward() {
    workspace.Rewind(0);
    saved_ = layer.Forward(rows, values.data(), x.data(), y.data(), &workspace, nullptr, {},
                           key ? &*key : nullptr);
  }
  // Sets y without what Backward would need; `packed` as in RecurrentLayer::Forward.
  void ForwardOnly(const PackedDirection<S>* packed) {
    workspace.Rewind(0);
    layer.Forward(rows, values.data(), x.data(), y.data(), &workspace, nullptr, {}, nullptr, true,
                  packed);
  }
  // After Forward; adds to gradient, sets d_x.
  void Backward() { BackwardInto(d_x.data()); }
  void BackwardOfParameters() { BackwardInto(nullptr); }
  double Loss() {
    Forward();
    double sum = 0;
    for (Index i = 0; i < y.size(); ++i) sum += static_cast<double>(d_y[i] * y[i]);
    return sum;
  }
  std::span<S> Of(const AlignedBuffer<S>& flat, const ParameterInfo& info) const {
    return {const_cast<S*>(flat.data()) + info.offset, static_cast<std::size_t>(info.count())};
  }
  std::span<const S> Value(const std::string& name) const {
    for (const ParameterInfo& info : parameters.infos()) {
      if (info.name == "rnn." + name) return Of(values, info);
    }
    throw UsageError("no parameter {}", name);
  }

  PackedLayout rows;
  ParameterLayout parameters;
  RecurrentLayer<S> layer;
  AlignedBuffer<S> values, gradient;  // [parameters]
  AlignedBuffer<S> x, d_x;            // [rows, I]
  AlignedBuffer<S> y, d_y;            // [rows, D*H]
  Workspace workspace{0};
  std::optional<DropoutKey> key;  // of the masks; empty: evaluation

 private:
  void BackwardInto(S* d_input) {
    layer.Backward(rows, values.data(), saved_, d_y.data(), d_input, gradient.data(), &workspace);
  }
  AlignedBuffer<S> Uniform(Index count, double bound) {
    const CounterRng rng(seed_, RandomPurpose::kTest, array_++);
    AlignedBuffer<S> buffer(count);
    for (Index i = 0; i < count; ++i) {
      const double u = 2 * rng.Uniform(static_cast<std::uint64_t>(i)) - 1;
      buffer[i] = static_cast<S>(static_cast<float>(bound * u));
    }
    return buffer;
  }
  // Weights of a spectral radius below one, or many steps would be chaos. Rectifiers are kept 0.5
  // off their kink, half of them on either side: the two biases add to +-1, and the weights are so
  // small that x and h, both below 1.5, move no sum by more than 0.3. Weights whose products are
  // normalised are large, so that a product is smooth within the width of a difference; their gains
  // are near 1.
  void Draw(const ParameterInfo& info) {
    const bool rectifier = layer.shape().cell == CellKind::kRnnRelu;
    const double fan_in = static_cast<double>(info.cols());
    const bool is_gain = info.name.find("gain") != info.name.npos;
    const bool is_wide = IsNormalised(layer.shape().cell) && info.shape.size() == 2;
    const double bound = rectifier ? 0.1 / fan_in
                         : is_wide ? 3.0
                                   : std::min(0.7, 1 / std::sqrt(fan_in));
    const AlignedBuffer<S> drawn = Uniform(info.count(), bound);
    for (Index i = 0; i < info.count(); ++i) {
      const bool shifted = rectifier && info.shape.size() == 1;
      values[info.offset + i] = shifted ? S(i % 2 == 0 ? 0.5 : -0.5) : drawn[i];
      if (is_gain) values[info.offset + i] = 1 + drawn[i] / 2;
    }
  }

  std::uint64_t seed_;
  std::uint64_t array_ = 0;
  typename RecurrentLayer<S>::Saved saved_;
};

}  // namespace lockstep
