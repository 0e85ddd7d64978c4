#include "worker/layers/frame_convolution.h"

#include <algorithm>

#include "worker/kernels/elementwise.h"

namespace lockstep {

template <typename S>
FrameConvolution<S>::FrameConvolution(Index window, Index channels, Precision precision,
                                      ParameterLayout* layout)
    : window_(window), channels_(channels), precision_(precision), layout_(layout) {
  weight_ = layout->Add("front.weight", {channels, window}, {.kind = Initialiser::Kind::kGlorot});
  bias_ = layout->Add("front.bias", {channels}, {});
}

template <typename S>
ElementRange FrameConvolution<S>::Elements() const {
  const auto& bias = (*layout_)[bias_];
  return {(*layout_)[weight_].offset, bias.offset + bias.count()};
}

template <typename S>
void FrameConvolution<S>::Forward(Index rows, const S* x, const S* values, S* y,
                                  Workspace* workspace) const {
  FillRows(rows, channels_, values + (*layout_)[bias_].offset, y, channels_);
  const Index mark = workspace->used_bytes();
  const PackedMatrix<S> weight = Pack(precision_, Op::kTransposed, window_, channels_,
                                      values + (*layout_)[weight_].offset, window_, workspace);
  Multiply(rows, x, window_, weight, true, y, channels_, workspace);
  workspace->Rewind(mark);
  for (Index i = 0; i < rows * channels_; ++i) y[i] = std::max(y[i], S{0});
}

template <typename S>
void FrameConvolution<S>::Backward(Index rows, const S* x, const S* y, S* d_y, S* gradient,
                                   Workspace* workspace) const {
  for (Index i = 0; i < rows * channels_; ++i) d_y[i] = y[i] > 0 ? d_y[i] : S{0};
  AddTransposed(precision_, channels_, window_, rows, d_y, channels_, x, window_,
                gradient + (*layout_)[weight_].offset, window_, workspace);
  AddColumnSums(rows, channels_, d_y, channels_, gradient + (*layout_)[bias_].offset);
}

template <typename S>
Index FrameConvolution<S>::ScratchBytes() const {
  return PackedBytes<S>(window_, channels_) + MultiplyBytes<S>(precision_, window_) +
         AddTransposedBytes<S>(channels_, window_);
}

template class FrameConvolution<float>;
template class FrameConvolution<double>;

}  // namespace lockstep
