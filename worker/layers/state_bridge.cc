#include "worker/layers/state_bridge.h"

#include "worker/kernels/elementwise.h"
#include "worker/layers/direction_gradients.h"

namespace lockstep {

template <typename S>
StateBridge<S>::StateBridge(Index pooled_width, Index layers, Index states, Index hidden_size,
                            Precision precision, ParameterLayout* layout)
    : layers_(layers),
      states_(states),
      hidden_size_(hidden_size),
      linear_("bridge", pooled_width, layers * states * hidden_size, precision, layout) {}

template <typename S>
typename StateBridge<S>::Saved StateBridge<S>::Forward(const DecoderSlot& slot, const S* pooled,
                                                       const S* values,
                                                       Workspace* workspace) const {
  const Index sources = slot.source.sequences(), width = linear_.output_size(), H = hidden_size_;
  Saved saved;
  saved.targets = slot.target.sequences();
  saved.states = workspace->Take<S>(sources * width);
  saved.initial = workspace->Take<S>(saved.targets * width);
  saved.d_initial = workspace->Take<S>(saved.targets * width);
  linear_.Forward(sources, pooled, values, saved.states, workspace);
  ApplyTanh(sources * width, saved.states);
  for (Index k = 0; k < saved.targets; ++k) {
    const S* const row = saved.states + slot.sequence_of[static_cast<std::size_t>(k)] * width;
    for (Index i = 0; i < layers_ * states_; ++i) {
      std::copy_n(row + i * H, H, saved.initial + (i * saved.targets + k) * H);
    }
  }
  return saved;
}

template <typename S>
CarriedRows<S> StateBridge<S>::Of(Index layer, const Saved& saved) const {
  const Index array = saved.targets * hidden_size_, first = FirstOf(layer, saved);
  CarriedRows<S> rows;
  rows.initial_output = saved.initial + first;
  if (states_ > 1) rows.initial_memory = rows.initial_output + array;
  if (saved.d_initial == nullptr) return rows;
  rows.d_initial_output = saved.d_initial + first;
  if (states_ > 1) rows.d_initial_memory = rows.d_initial_output + array;
  return rows;
}

template <typename S>
void StateBridge<S>::Backward(const DecoderSlot& slot, const Saved& saved, const S* pooled,
                              const S* values, S* d_pooled, S* gradient,
                              Workspace* workspace) const {
  const Index sources = slot.source.sequences(), width = linear_.output_size(), H = hidden_size_;
  const Index mark = workspace->used_bytes();
  S* const d_states = TakeZeros<S>(sources * width, workspace);
  for (Index k = 0; k < saved.targets; ++k) {
    S* const row = d_states + slot.sequence_of[static_cast<std::size_t>(k)] * width;
    for (Index i = 0; i < layers_ * states_; ++i) {
      std::copy_n(saved.d_initial + (i * saved.targets + k) * H, H, row + i * H);
    }
  }
  TanhBackward(sources * width, saved.states, d_states);
  linear_.AddGradient(sources, pooled, d_states, gradient, workspace);
  linear_.InputGradient(sources, d_states, values, d_pooled, workspace);
  workspace->Rewind(mark);
}

template <typename S>
Index StateBridge<S>::KeptBytes(Index sources) const {
  return 3 * Workspace::BytesFor<S>(sources * linear_.output_size());
}

template <typename S>
Index StateBridge<S>::ScratchBytes(Index sources) const {
  return Workspace::BytesFor<S>(sources * linear_.output_size()) + linear_.ScratchBytes();
}

template class StateBridge<float>;
template class StateBridge<double>;

}  // namespace lockstep
