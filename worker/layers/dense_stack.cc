#include "worker/layers/dense_stack.h"

#include <algorithm>

#include "worker/kernels/dropout.h"

namespace lockstep {

template <typename S>
DenseStack<S>::DenseStack(const DenseShape& shape, ParameterLayout* layout) : shape_(shape) {
  Index width = shape.input_size;
  for (Index k = 0; k < shape.layers; ++k) {
    layers_.emplace_back("dense." + std::to_string(k), width, shape.size, shape.precision, layout);
    width = shape.size;
  }
}

template <typename S>
Index DenseStack<S>::output_size() const {
  return layers_.empty() ? shape_.input_size : layers_.back().output_size();
}

template <typename S>
void DenseStack<S>::Drop(std::size_t layer, Index rows, const DropoutKey* key, S* y) const {
  if (key == nullptr || shape_.dropout == 0) return;
  ApplyDropout(DropoutRng(*key, kDensePlaces + static_cast<Index>(layer)), shape_.dropout,
               rows * shape_.size, y);
}

template <typename S>
typename DenseStack<S>::Saved DenseStack<S>::Forward(Index rows, S* x, const S* values,
                                                     const DropoutKey* key,
                                                     Workspace* workspace) const {
  Saved saved;
  saved.inputs = {workspace->Take<S*>(static_cast<Index>(layers_.size()) + 1), layers_.size() + 1};
  saved.inputs[0] = x;
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const Index count = rows * layers_[k].output_size();
    S* const y = workspace->Take<S>(count);
    layers_[k].Forward(rows, saved.inputs[k], values, y, workspace);
    std::transform(y, y + count, y, [](S z) { return std::max(z, S{0}); });
    Drop(k, rows, key, y);
    saved.inputs[k + 1] = y;
  }
  return saved;
}

// An output of zero was set to zero by the ReLU or by dropout; in both cases no gradient flows
// through it.
template <typename S>
S* DenseStack<S>::Backward(Index rows, const Saved& saved, const S* values, const DropoutKey* key,
                           S* d_y, S* gradient, Workspace* workspace) const {
  for (std::size_t k = layers_.size(); k-- > 0;) {
    const Index count = rows * layers_[k].output_size();
    const S* const y = saved.inputs[k + 1];
    Drop(k, rows, key, d_y);
    for (Index i = 0; i < count; ++i) d_y[i] = y[i] > 0 ? d_y[i] : S{0};
    layers_[k].AddGradient(rows, saved.inputs[k], d_y, gradient, workspace);
    S* const d_x = workspace->Take<S>(rows * layers_[k].input_size());
    layers_[k].InputGradient(rows, d_y, values, d_x, workspace);
    d_y = d_x;
  }
  return d_y;
}

template <typename S>
Index DenseStack<S>::KeptBytes(Index rows) const {
  Index bytes = Workspace::BytesFor<S*>(static_cast<Index>(layers_.size()) + 1);
  for (const LinearLayer<S>& layer : layers_) {
    bytes += Workspace::BytesFor<S>(rows * layer.output_size()) +
             Workspace::BytesFor<S>(rows * layer.input_size());
  }
  return bytes;
}

template <typename S>
Index DenseStack<S>::ScratchBytes() const {
  Index bytes = 0;
  for (const LinearLayer<S>& layer : layers_) bytes = std::max(bytes, layer.ScratchBytes());
  return bytes;
}

template <typename S>
double DenseStack<S>::FlopsPerRow() const {
  double flops = 0;
  for (const LinearLayer<S>& layer : layers_) flops += layer.FlopsPerRow();
  return flops;
}

template class DenseStack<float>;
template class DenseStack<double>;

}  // namespace lockstep
