// A decoder with input feeding: since a step reads the vector of the step before, layers, attention
// and output layer are walked together, from step to step. Without it (decoder.cc) each of them
// does all steps at once.
#include <algorithm>

#include "worker/kernels/elementwise.h"
#include "worker/layers/decoder.h"

namespace lockstep {

template <typename S>
void Decoder<S>::Walk(const DecoderSlot& slot, const S* values, S* x, Saved* saved,
                      Workspace* workspace, PassObserver* observer) const {
  const Index mark = workspace->used_bytes(), V = vector_width(), H = stack_.hidden_size();
  const PackedLayout& layout = slot.target;
  Need(output_.Elements(), observer);
  const auto layers = stack_.OpenForward(layout, saved->stack, values, workspace, observer);
  const auto attention = attention_->OpenForward(slot, saved->attention, values, workspace);
  const PackedMatrix<S> output = output_.PackForward(values, workspace);
  for (Index t = 0; t < layout.steps(); ++t) {
    const Index first = layout.row_start(t), rows = layout.active(t);
    for (Index k = 0; k < rows; ++k) {
      S* const fed = x + (first + k) * input_.width() + input_.embedding_size();
      if (t == 0) {
        std::fill_n(fed, V, S(0));
      } else {
        std::copy_n(saved->vectors + layout.Row(t - 1, k) * V, V, fed);
      }
    }
    stack_.ForwardStep(layout, saved->stack, layers, t);
    Enter(Phase::kAttention, observer);
    S* const joined = saved->joined + first * joined_width();
    JoinStates(rows, saved->stack.states() + first * H, joined);
    attention_->ForwardStep(slot, saved->attention, attention, t, saved->stack.states(), values,
                            saved->joined, joined_width(), workspace);
    S* const vectors = saved->vectors + first * V;
    output_.ForwardPacked(rows, joined, output, values, vectors, workspace);
    ApplyTanh(rows * V, vectors);
  }
  workspace->Rewind(mark);
}

// As BackwardAtOnce: d_vectors becomes the gradient before the tanh.
template <typename S>
S* Decoder<S>::BackwardStepByStep(const DecoderSlot& slot, const Saved& saved, const S* values,
                                  S* d_vectors, S* d_joined, const SourceGradient& d_source,
                                  S* gradient, Workspace* workspace, PassObserver* observer) const {
  const Index V = vector_width(), H = stack_.hidden_size(), J = joined_width();
  const PackedLayout& layout = slot.target;
  const auto layers =
      stack_.OpenBackward(layout, saved.stack, values, gradient, workspace, observer);
  const auto attention = attention_->OpenBackward(slot, saved.attention, values, workspace);
  const PackedMatrix<S> output = output_.PackBackward(values, workspace);
  for (Index t = layout.steps() - 1; t >= 0; --t) {
    const Index first = layout.row_start(t), rows = layout.active(t);
    const Index fed = t + 1 < layout.steps() ? layout.active(t + 1) : 0;
    for (Index k = 0; k < fed; ++k) {
      AddInPlace(V, layers.d_x() + layout.Row(t + 1, k) * input_.width() + input_.embedding_size(),
                 d_vectors + (first + k) * V);
    }
    Enter(Phase::kAttention, observer);
    TanhBackward(rows * V, saved.vectors + first * V, d_vectors + first * V);
    Multiply(rows, d_vectors + first * V, V, output, false, d_joined + first * J, J, workspace);
    TakeStates(rows, d_joined + first * J, layers.d_states() + first * H);
    attention_->BackwardStep(slot, saved.attention, attention, t, saved.stack.states(), d_joined, J,
                             values, layers.d_states(), gradient, workspace);
    stack_.BackwardStep(layout, saved.stack, layers, t);
  }
  Enter(Phase::kAttention, observer);
  output_.AddGradient(layout.rows(), saved.joined, d_vectors, gradient, workspace);
  Done(output_.Elements(), observer);
  attention_->CloseBackward(slot, saved.attention, attention, saved.stack.states(), d_joined, J,
                            values, d_source.d_features, gradient, workspace);
  Done(attention_->attention().Elements(), observer);
  stack_.CloseBackward(saved.stack, layers, gradient, observer);
  return layers.d_x();
}

template void Decoder<float>::Walk(const DecoderSlot&, const float*, float*, Saved*, Workspace*,
                                   PassObserver*) const;
template void Decoder<double>::Walk(const DecoderSlot&, const double*, double*, Saved*, Workspace*,
                                    PassObserver*) const;
template float* Decoder<float>::BackwardStepByStep(const DecoderSlot&, const Saved&, const float*,
                                                   float*, float*, const SourceGradient&, float*,
                                                   Workspace*, PassObserver*) const;
template double* Decoder<double>::BackwardStepByStep(const DecoderSlot&, const Saved&,
                                                     const double*, double*, double*,
                                                     const SourceGradient&, double*, Workspace*,
                                                     PassObserver*) const;

}  // namespace lockstep
