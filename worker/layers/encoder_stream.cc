#include "worker/layers/encoder_stream.h"

#include <algorithm>

#include "base/error.h"
#include "worker/kernels/elementwise.h"

namespace lockstep {
template <typename S>
EncoderStream<S>::EncoderStream(const Encoder<S>* encoder, const S* values)
    : encoder_(*encoder), values_(values), packed_(*encoder, values) {
  LOCKSTEP_CHECK_EQ(encoder->directions(), Index{1});
  Begin();
}

template <typename S>
void EncoderStream<S>::Begin() {
  const EncoderOptions& options = encoder_.options();
  const auto width = static_cast<std::size_t>(options.hidden_size);
  layers_.assign(static_cast<std::size_t>(options.layers), {});
  for (Layer& layer : layers_) {
    layer.output.resize(width);
    if (StateCount(options.cell) > 1) layer.memory.resize(width);
  }
}

template <typename S>
typename EncoderStream<S>::Features EncoderStream<S>::Add(const SlotBatch& part, bool ends,
                                                          Workspace* workspace) {
  LOCKSTEP_CHECK(part.layout.sequences() <= 1);
  Features x;
  x.rows = part.layout.rows();
  if (x.rows > 0) x.values = encoder_.input().Forward(part, nullptr, values_, workspace).x;
  for (Index l = 0; l < encoder_.options().layers; ++l) {
    x = SeeAhead(l, x, Recur(l, x, workspace), ends, workspace);
  }
  if (ends) Begin();
  return x;
}

// The states may be written where they are read: the layer reads them at its first step only.
template <typename S>
typename EncoderStream<S>::Features EncoderStream<S>::Recur(Index l, const Features& x,
                                                            Workspace* workspace) {
  Features y;
  if (x.rows == 0) return y;
  Layer& layer = layers_[static_cast<std::size_t>(l)];
  CarriedRows<S> carried;
  carried.final_output = layer.output.data();
  if (!layer.memory.empty()) carried.final_memory = layer.memory.data();
  if (layer.steps > 0) {
    carried.initial_output = carried.final_output;
    carried.initial_memory = carried.final_memory;
  }
  carried.steps_before = layer.steps;
  y.rows = x.rows;
  y.values = workspace->Take<S>(x.rows * encoder_.width());
  encoder_.layer(l).Forward(PackedLayout({x.rows}), values_, x.values, y.values, workspace, nullptr,
                            carried, nullptr, true, packed_.layer(l));
  layer.steps += x.rows;
  return y;
}

template <typename S>
void EncoderStream<S>::Hold(const Features& rows, Index width, std::vector<S>* held) const {
  held->insert(held->end(), rows.values, rows.values + rows.rows * width);
}

// The last `steps` rows that are held look beyond what is known, and wait, but for the end, beyond
// which there is nothing.
template <typename S>
typename EncoderStream<S>::Features EncoderStream<S>::SeeAhead(Index l, const Features& x,
                                                               const Features& y, bool ends,
                                                               Workspace* workspace) {
  const LookAhead<S>* const ahead = encoder_.look_ahead(l);
  const Index width = encoder_.width();
  if (ahead == nullptr) {
    if (encoder_.AddsInput(l) && y.rows > 0) AddInPlace<S>(y.rows * width, x.values, y.values);
    return y;
  }
  Layer& layer = layers_[static_cast<std::size_t>(l)];
  Hold(y, width, &layer.held);
  if (encoder_.AddsInput(l)) Hold(x, width, &layer.inputs);
  const Index held = static_cast<Index>(layer.held.size()) / width;
  Features seen;
  seen.rows = ends ? held : std::max<Index>(0, held - ahead->steps());
  if (seen.rows == 0) return seen;
  seen.values = workspace->Take<S>(held * width);
  ahead->Forward(PackedLayout({held}), layer.held.data(), values_, seen.values);
  const auto done = static_cast<std::ptrdiff_t>(seen.rows * width);
  layer.held.erase(layer.held.begin(), layer.held.begin() + done);
  if (!encoder_.AddsInput(l)) return seen;
  AddInPlace<S>(seen.rows * width, layer.inputs.data(), seen.values);
  layer.inputs.erase(layer.inputs.begin(), layer.inputs.begin() + done);
  return seen;
}

template <typename S>
Index EncoderStream<S>::WorkspaceBytes(Index steps) const {
  const Index rows = steps + TotalLookAhead(encoder_.options());
  const SlotBounds bounds{1, rows, rows, {}, {}};
  return encoder_.KeptBytes(bounds) + encoder_.ScratchBytes(bounds);
}

template class EncoderStream<float>;
template class EncoderStream<double>;

}  // namespace lockstep
