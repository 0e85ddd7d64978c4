#include "worker/layers/linear_layer.h"

#include <algorithm>

#include "worker/kernels/elementwise.h"

namespace lockstep {

template <typename S>
LinearLayer<S>::LinearLayer(const std::string& name, Index input_size, Index output_size,
                            Precision precision, ParameterLayout* layout)
    : input_size_(input_size), output_size_(output_size), precision_(precision), layout_(layout) {
  weight_ = layout->Add(name + ".weight", {output_size, input_size},
                        {.kind = Initialiser::Kind::kGlorot});
  bias_ = layout->Add(name + ".bias", {output_size}, {});
}

template <typename S>
ElementRange LinearLayer<S>::Elements() const {
  const ParameterInfo& bias = (*layout_)[bias_];
  return {(*layout_)[weight_].offset, bias.offset + bias.count()};
}

template <typename S>
void LinearLayer<S>::Forward(Index rows, const S* x, const S* values, S* y,
                             Workspace* workspace) const {
  const Index N = output_size_, K = input_size_;
  FillRows(rows, N, values + (*layout_)[bias_].offset, y, N);
  const Index mark = workspace->used_bytes();
  const PackedMatrix<S> weight =
      Pack(precision_, Op::kTransposed, K, N, values + (*layout_)[weight_].offset, K, workspace);
  Multiply(rows, x, K, weight, true, y, N, workspace);
  workspace->Rewind(mark);
}

template <typename S>
void LinearLayer<S>::AddGradient(Index rows, const S* x, const S* d_y, S* gradient,
                                 Workspace* workspace) const {
  const Index N = output_size_, K = input_size_;
  AddTransposed(precision_, N, K, rows, d_y, N, x, K, gradient + (*layout_)[weight_].offset, K,
                workspace);
  AddColumnSums(rows, N, d_y, N, gradient + (*layout_)[bias_].offset);
}

template <typename S>
void LinearLayer<S>::InputGradient(Index rows, const S* d_y, const S* values, S* d_x,
                                   Workspace* workspace) const {
  const Index N = output_size_, K = input_size_;
  const Index mark = workspace->used_bytes();
  const PackedMatrix<S> weight =
      Pack(precision_, Op::kAsIs, N, K, values + (*layout_)[weight_].offset, K, workspace);
  Multiply(rows, d_y, N, weight, false, d_x, K, workspace);
  workspace->Rewind(mark);
}

template <typename S>
Index LinearLayer<S>::ScratchBytes() const {
  return PackedBytes<S>(input_size_, output_size_) + PackedBytes<S>(output_size_, input_size_) +
         MultiplyBytes<S>(precision_, std::max(input_size_, output_size_)) +
         AddTransposedBytes<S>(output_size_, input_size_);
}

template class LinearLayer<float>;
template class LinearLayer<double>;

}  // namespace lockstep
