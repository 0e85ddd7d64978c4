#include "worker/layers/linear_layer.h"

#include <algorithm>

#include "worker/kernels/elementwise.h"

namespace lockstep {
namespace {

// Elements of the weight that are packed at once, and what the outputs of a chunk are a multiple
// of: whole panels of every instruction set, and whole pairs of bfloat16.
constexpr Index kPackedElements = Index{1} << 18, kChunkGrain = 96;

}  // namespace

template <typename S>
LinearLayer<S>::LinearLayer(const std::string& name, Index input_size, Index output_size,
                            Precision precision, ParameterLayout* layout)
    : input_size_(input_size), output_size_(output_size), precision_(precision), layout_(layout) {
  weight_ = layout->Add(name + ".weight", {output_size, input_size},
                        {.kind = Initialiser::Kind::kGlorot});
  bias_ = layout->Add(name + ".bias", {output_size}, {});
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
  const ParameterInfo& bias = (*layout_)[bias_];
  return {shares_weight_ ? bias.offset : (*layout_)[weight_].offset, bias.offset + bias.count()};
}

// The outputs of a chunk; all of them if they are few.
template <typename S>
Index LinearLayer<S>::ChunkSize() const {
  const Index grains = std::max<Index>(1, kPackedElements / (input_size_ * kChunkGrain));
  return std::min(output_size_, grains * kChunkGrain);
}

template <typename S>
void LinearLayer<S>::Forward(Index rows, const S* x, const S* values, S* y,
                             Workspace* workspace) const {
  const Index N = output_size_, K = input_size_;
  const S* const weight = values + (*layout_)[weight_].offset;
  const S* const bias = values + (*layout_)[bias_].offset;
  for (Index first = 0; first < N; first += ChunkSize()) {
    const Index mark = workspace->used_bytes(), columns = std::min(ChunkSize(), N - first);
    const PackedMatrix<S> packed =
        Pack(precision_, Op::kTransposed, K, columns, weight + first * K, K, workspace);
    FillRows(rows, columns, bias + first, y + first, N);
    Multiply(rows, x, K, packed, true, y + first, N, workspace);
    workspace->Rewind(mark);
  }
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
  const S* const weight = values + (*layout_)[weight_].offset;
  for (Index first = 0; first < N; first += ChunkSize()) {
    const Index mark = workspace->used_bytes(), columns = std::min(ChunkSize(), N - first);
    const PackedMatrix<S> packed =
        Pack(precision_, Op::kAsIs, columns, K, weight + first * K, K, workspace);
    Multiply(rows, d_y + first, N, packed, first > 0, d_x, K, workspace);
    workspace->Rewind(mark);
  }
}

template <typename S>
Index LinearLayer<S>::ScratchBytes() const {
  return std::max(PackedBytes<S>(input_size_, ChunkSize()),
                  PackedBytes<S>(ChunkSize(), input_size_)) +
         MultiplyBytes<S>(precision_, std::max(input_size_, output_size_)) +
         AddTransposedBytes<S>(output_size_, input_size_);
}

template class LinearLayer<float>;
template class LinearLayer<double>;

}  // namespace lockstep
