// Dense layers one above the other, row by row: z = x W^T + b, y = dropout(relu(z)). With no layer,
// y is x itself.
//
// Parameters of layer k: dense.{k}.weight [N, K], dense.{k}.bias [N].
#pragma once

#include <span>
#include <vector>

#include "worker/layers/dropout_key.h"
#include "worker/layers/linear_layer.h"

namespace lockstep {

struct DenseShape {
  Index input_size = 0;
  Index layers = 0;
  Index size = 0;      // units of each layer
  double dropout = 0;  // after each layer, [0, 1)
  Precision precision = Precision::kFloat32;
};

template <typename S>
class DenseStack {
 public:
  // Declares its parameters at the end of the layout, which must outlive it.
  DenseStack(const DenseShape& shape, ParameterLayout* layout);

  Index output_size() const;
  const std::vector<LinearLayer<S>>& layers() const { return layers_; }

  // What backward needs, in the workspace: the input of each layer, and last the output.
  struct Saved {
    std::span<S*> inputs;  // [layers + 1]
  };
  // x [rows, input_size] must stay until Backward. `key` draws the dropout masks; null: no dropout.
  Saved Forward(Index rows, S* x, const S* values, const DropoutKey* key,
                Workspace* workspace) const;
  // d_y [rows, output_size] is destroyed; adds to the flat gradient and returns the gradient of x,
  // in the workspace or d_y itself. With no layer: d_y.
  S* Backward(Index rows, const Saved& saved, const S* values, const DropoutKey* key, S* d_y,
              S* gradient, Workspace* workspace) const;

  // Upper bounds of what Forward and Backward together keep in the workspace for `rows` rows, and
  // of what either takes for its own time.
  Index KeptBytes(Index rows) const;
  Index ScratchBytes() const;
  double FlopsPerRow() const;

 private:
  void Drop(std::size_t layer, Index rows, const DropoutKey* key, S* y) const;

  DenseShape shape_;
  std::vector<LinearLayer<S>> layers_;
};

}  // namespace lockstep
