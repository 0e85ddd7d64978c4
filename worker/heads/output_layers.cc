#include "worker/heads/output_layers.h"

#include "base/error.h"
#include "worker/kernels/gemm_sizes.h"

namespace lockstep {
namespace {

template <typename S>
LinearLayer<S> MakeLinear(const DenseShape& dense, Index inputs, Index outputs,
                          ParameterLayout* layout, std::optional<ParameterId> tied_weight) {
  if (!tied_weight) return {"head", inputs, outputs, dense.precision, layout};
  LOCKSTEP_CHECK_EQ((*layout)[*tied_weight].rows(), outputs);
  LOCKSTEP_CHECK_EQ((*layout)[*tied_weight].cols(), inputs);
  return {"head", *tied_weight, dense.precision, layout};
}

// Outputs of a block, in elements, but never fewer rows than these. Smaller blocks would save
// little beside the weights of so many classes; they would pass over the gradient of the weights
// and pack the weights more often: with 192 rows, products with 33,000 classes are 10 to 20 %
// slower.
constexpr Index kBlockOutputs = Index{1} << 22, kFewestRows = 2 * kGemmDepth;

}  // namespace

template <typename S>
OutputLayers<S>::OutputLayers(const DenseShape& dense, Index outputs, ParameterLayout* layout,
                              std::optional<ParameterId> tied_weight)
    : input_size_(dense.input_size),
      dense_(dense, layout),
      linear_(MakeLinear<S>(dense, dense_.output_size(), outputs, layout, tied_weight)) {}

template <typename S>
Index OutputLayers<S>::first_element() const {
  return dense_.layers().empty() ? linear_.Elements().begin
                                 : dense_.layers().front().Elements().begin;
}

template <typename S>
typename OutputLayers<S>::Saved OutputLayers<S>::Forward(Index rows, S* x, const S* values,
                                                         const DropoutKey* key,
                                                         Workspace* workspace) const {
  Saved saved;
  saved.dense = dense_.Forward(rows, x, values, key, workspace);
  saved.outputs = workspace->Take<S>(rows * output_size());
  linear_.Forward(rows, saved.dense.inputs.back(), values, saved.outputs, workspace);
  return saved;
}

template <typename S>
void OutputLayers<S>::ForwardPacked(Index rows, S* x, const PackedMatrix<S>& weight,
                                    const S* values, S* outputs, Workspace* workspace) const {
  const Index mark = workspace->used_bytes();
  const auto dense = dense_.Forward(rows, x, values, nullptr, workspace);
  linear_.ForwardPacked(rows, dense.inputs.back(), weight, values, outputs, workspace);
  workspace->Rewind(mark);
}

template <typename S>
Index OutputLayers<S>::BlockRows() const {
  return std::max(kFewestRows, kBlockOutputs / (kGemmDepth * output_size()) * kGemmDepth);
}

template <typename S>
Index OutputLayers<S>::BytesWithOutputs(Index rows, Index output_rows) const {
  return dense_.KeptBytes(rows) + Workspace::BytesFor<S>(output_rows * output_size()) +
         Workspace::BytesFor<S>(rows * dense_.output_size()) +
         std::max(dense_.ScratchBytes(), linear_.ScratchBytes());
}

template class OutputLayers<float>;
template class OutputLayers<double>;

}  // namespace lockstep
