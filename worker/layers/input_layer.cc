#include "worker/layers/input_layer.h"

#include <algorithm>

#include "worker/kernels/embedding.h"

namespace lockstep {

template <typename S>
InputLayer<S>::InputLayer(const InputShape& shape, ParameterLayout* layout)
    : shape_(shape), layout_(layout) {
  if (shape.symbols > 0) {
    embedding_ = layout->Add("embedding.weight", {shape.symbols, shape.embedding_size},
                             {.kind = Initialiser::Kind::kNormal, .value = 1.0});
  } else if (shape.channels > 0) {
    convolution_.emplace(shape.feature_width, shape.channels, shape.precision, layout);
  }
}

template <typename S>
Index InputLayer<S>::width() const {
  if (shape_.symbols > 0) return shape_.embedding_size;
  return convolution_ ? shape_.channels : shape_.feature_width;
}

template <typename S>
ElementRange InputLayer<S>::Elements() const {
  if (convolution_) return convolution_->Elements();
  const auto& weight = (*layout_)[embedding_];
  return {weight.offset, weight.offset + weight.count()};
}

template <typename S>
typename InputLayer<S>::Saved InputLayer<S>::Forward(const SlotBatch& batch, const S* values,
                                                     Workspace* workspace) const {
  const Index rows = batch.layout.rows();
  Saved saved;
  saved.x = workspace->Take<S>(rows * width());
  if (shape_.symbols > 0) {
    EmbeddingForward<S>(batch.symbols, width(), values + (*layout_)[embedding_].offset, saved.x);
    return saved;
  }
  S* const frames = convolution_ ? workspace->Take<S>(rows * shape_.feature_width) : saved.x;
  std::copy_n(batch.features.data(), rows * shape_.feature_width, frames);
  saved.frames = frames;
  if (convolution_) convolution_->Forward(rows, frames, values, saved.x, workspace);
  return saved;
}

template <typename S>
void InputLayer<S>::Backward(const SlotBatch& batch, const Saved& saved, S* d_x, S* gradient,
                             Workspace* workspace) const {
  if (convolution_) {
    convolution_->Backward(batch.layout.rows(), saved.frames, saved.x, d_x, gradient, workspace);
  } else if (shape_.symbols > 0) {
    EmbeddingBackward<S>(batch.symbols, width(), d_x, gradient + (*layout_)[embedding_].offset);
  }
}

template <typename S>
Index InputLayer<S>::KeptBytes(const SlotBounds& bounds) const {
  const Index frames =
      convolution_ ? Workspace::BytesFor<S>(bounds.rows * shape_.feature_width) : 0;
  return Workspace::BytesFor<S>(bounds.rows * width()) + frames;
}

// Of a convolution: forward and the gradient of the weights.
template <typename S>
double InputLayer<S>::FlopsPerStep() const {
  if (!convolution_) return 0;
  return 4.0 * static_cast<double>(shape_.feature_width * shape_.channels);
}

template class InputLayer<float>;
template class InputLayer<double>;

}  // namespace lockstep
