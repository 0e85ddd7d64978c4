#include "worker/layers/linear_layer.h"

#include <algorithm>

#include "worker/kernels/elementwise.h"
#include "worker/kernels/row_product.h"

namespace lockstep {
namespace {

// Elements of the weight that are packed at once, and what the outputs of a chunk are a multiple
// of: whole panels of every instruction set, whole pairs of bfloat16 and
// whole blocks of AMX.
constexpr Index kPackedElements = Index{1} << 18, kChunkGrain = 96;

}  // namespace

template <typename S>
LinearLayer<S>::LinearLayer(const std::string& name, Index input_size, Index output_size,
                            Precision precision, ParameterLayout* layout, bool has_bias)
    : input_size_(input_size), output_size_(output_size), precision_(precision), layout_(layout) {
  weight_ = layout->Add(name + ".weight", {output_size, input_size},
                        {.kind = Initialiser::Kind::kGlorot});
  if (has_bias) bias_ = layout->Add(name + ".bias", {output_size}, {});
}

template <typename S>
LinearLayer<S>::LinearLayer(const std::string& name, ParameterId shared_weight, Precision precision,
                            ParameterLayout* layout)
    : input_size_((*layout)[shared_weight].cols()),
      output_size_((*layout)[shared_weight].rows()),
      precision_(precision),
      layout_(layout),
      weight_(shared_weight),
      bias_(layout->Add(name + ".bias", {output_size_}, {})),
      shares_weight_(true) {}

template <typename S>
ElementRange LinearLayer<S>::Elements() const {
  const ParameterInfo& first = (*layout_)[shares_weight_ ? *bias_ : weight_];
  const ParameterInfo& last = (*layout_)[bias_.value_or(weight_)];
  return {first.offset, last.offset + last.count()};
}

// The outputs of a chunk; all of them if they are few.
template <typename S>
Index LinearLayer<S>::ChunkSize() const {
  const Index grains = std::max<Index>(1, kPackedElements / (input_size_ * kChunkGrain));
  return std::min(output_size_, grains * kChunkGrain);
}

// Sets columns [first, first + columns) of y to the bias, which a product is then added to. False
// if there is none.
template <typename S>
bool LinearLayer<S>::Begins(Index rows, Index columns, const S* values, Index first, S* y) const {
  if (!bias_) return false;
  FillRows(rows, columns, values + (*layout_)[*bias_].offset + first, y + first, output_size_);
  return true;
}

template <typename S>
void LinearLayer<S>::Forward(Index rows, const S* x, const S* values, S* y,
                             Workspace* workspace) const {
  const Index N = output_size_, K = input_size_;
  const S* const weight = Weight(values);
  for (Index first = 0; first < N; first += ChunkSize()) {
    const Index mark = workspace->used_bytes(), columns = std::min(ChunkSize(), N - first);
    const PackedMatrix<S> packed =
        Pack(precision_, Op::kTransposed, K, columns, weight + first * K, K, workspace);
    const bool adds = Begins(rows, columns, values, first, y);
    Multiply(rows, x, K, packed, adds, y + first, N, workspace);
    workspace->Rewind(mark);
  }
}

template <typename S>
void LinearLayer<S>::AddGradient(Index rows, const S* x, const S* d_y, S* gradient,
                                 Workspace* workspace) const {
  const Index N = output_size_, K = input_size_;
  AddTransposed(precision_, N, K, rows, d_y, N, x, K, gradient + (*layout_)[weight_].offset, K,
                workspace);
  if (bias_) AddColumnSums(rows, N, d_y, N, gradient + (*layout_)[*bias_].offset);
}

template <typename S>
void LinearLayer<S>::InputGradient(Index rows, const S* d_y, const S* values, S* d_x,
                                   Workspace* workspace) const {
  const Index N = output_size_, K = input_size_;
  const S* const weight = Weight(values);
  for (Index first = 0; first < N; first += ChunkSize()) {
    const Index mark = workspace->used_bytes(), columns = std::min(ChunkSize(), N - first);
    const PackedMatrix<S> packed =
        Pack(precision_, Op::kAsIs, columns, K, weight + first * K, K, workspace);
    Multiply(rows, d_y + first, N, packed, first > 0, d_x, K, workspace);
    workspace->Rewind(mark);
  }
}

template <typename S>
PackedMatrix<S> LinearLayer<S>::PackForward(const S* values, Workspace* workspace) const {
  return Pack(precision_, Op::kTransposed, input_size_, output_size_, Weight(values), input_size_,
              workspace);
}

template <typename S>
PackedMatrix<S> LinearLayer<S>::PackBackward(const S* values, Workspace* workspace) const {
  return Pack(precision_, Op::kAsIs, output_size_, input_size_, Weight(values), input_size_,
              workspace);
}

template <typename S>
void LinearLayer<S>::ForwardPacked(Index rows, const S* x, const PackedMatrix<S>& weight,
                                   const S* values, S* y, Workspace* workspace) const {
  const bool adds = Begins(rows, output_size_, values, 0, y);
  MultiplyFewRows(PanelOrder::kAscending, rows, x, input_size_, weight, adds, y, output_size_,
                  workspace);
}

template <typename S>
Index LinearLayer<S>::ScratchBytes() const {
  return std::max(PackedBytes<S>(precision_, input_size_, ChunkSize()),
                  PackedBytes<S>(precision_, ChunkSize(), input_size_)) +
         MultiplyBytes<S>(precision_, std::max(input_size_, output_size_)) +
         AddTransposedBytes<S>(precision_, output_size_, input_size_);
}

template class LinearLayer<float>;
template class LinearLayer<double>;

}  // namespace lockstep
