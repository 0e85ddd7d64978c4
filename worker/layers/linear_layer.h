// A linear layer, y = x W^T + b for each row, and its gradients. It is the last layer of every head
// and the product in a dense layer.
//
// With tens of thousands of outputs (the words of a language), a packed copy of the whole weight
// would take as much memory as the weight, and each use would come from beyond the caches. So
// outputs are computed in chunks of columns, whose packed weights stay in the second-level cache
// while all rows pass. No sum is changed: a chunk of outputs has whole sums of its own, and the
// gradient of the input adds the chunks in ascending order to the same chain.
//
// Parameters as in torch.nn.Linear: <name>.weight [N, K], <name>.bias [N].
#pragma once

#include <optional>
#include <string>

#include "worker/kernels/gemm.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

template <typename S>
class LinearLayer {
 public:
  // Declares its parameters at the end of the layout, which must outlive it. Without a bias,
  // y = x W^T.
  LinearLayer(const std::string& name, Index input_size, Index output_size, Precision precision,
              ParameterLayout* layout, bool has_bias = true);
  // The same with a weight [output_size, input_size] that was declared before, and which it shares:
  // declares only the bias, and adds its gradient of the weight to what others add.
  LinearLayer(const std::string& name, ParameterId shared_weight, Precision precision,
              ParameterLayout* layout);

  Index input_size() const { return input_size_; }    // K
  Index output_size() const { return output_size_; }  // N
  // The elements of the flat array that hold its own parameters; a shared weight is not among them.
  ElementRange Elements() const;

  // Sets y [rows, N] for x [rows, K]. Leaves the workspace as it was.
  void Forward(Index rows, const S* x, const S* values, S* y, Workspace* workspace) const;
  // Adds the gradients of weight and bias to the flat `gradient`. Leaves the workspace as it was.
  void AddGradient(Index rows, const S* x, const S* d_y, S* gradient, Workspace* workspace) const;
  // Sets d_x [rows, K] for d_y [rows, N]. Leaves the workspace as it was.
  void InputGradient(Index rows, const S* d_y, const S* values, S* d_x, Workspace* workspace) const;

  // The whole weight packed once, for many calls with few rows each; in the workspace. Their
  // results have the bits of Forward and InputGradient.
  PackedMatrix<S> PackForward(const S* values, Workspace* workspace) const;
  PackedMatrix<S> PackBackward(const S* values, Workspace* workspace) const;
  void ForwardPacked(Index rows, const S* x, const PackedMatrix<S>& weight, const S* values, S* y,
                     Workspace* workspace) const;
  Index PackedBytesForward() const { return PackedBytes<S>(precision_, input_size_, output_size_); }
  Index PackedBytesBackward() const {
    return PackedBytes<S>(precision_, output_size_, input_size_);
  }

  // Upper bound of the workspace bytes that any of these functions takes while it runs.
  Index ScratchBytes() const;
  // Floating-point operations of forward and backward for one row.
  double FlopsPerRow() const { return 6.0 * static_cast<double>(input_size_ * output_size_); }

 private:
  Index ChunkSize() const;
  const S* Weight(const S* values) const { return values + (*layout_)[weight_].offset; }
  bool Begins(Index rows, Index columns, const S* values, Index first, S* y) const;

  Index input_size_, output_size_;
  Precision precision_;
  const ParameterLayout* layout_;
  ParameterId weight_;
  std::optional<ParameterId> bias_;
  bool shares_weight_ = false;
};

}  // namespace lockstep
