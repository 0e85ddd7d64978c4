// A stack of dense layers, each of which computes z = x W^T + b, y = dropout(relu(z)) for each row.
// Without any layer, y is x itself.
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
  double dropout = 0;  // probability of dropout after each layer, [0, 1)
  Precision precision = Precision::kFloat32;
};

template <typename S>
class DenseStack {
 public:
  // Declares its parameters at the end of the layout, which must outlive it.
  DenseStack(const DenseShape& shape, ParameterLayout* layout);

  Index output_size() const;
  const std::vector<LinearLayer<S>>& layers() const { return layers_; }

  // What Backward needs, in the workspace: the input of each layer, and last the output.
  struct Saved {
    std::span<S*> inputs;  // [layers + 1]
  };
  // x [rows, input_size] must stay unchanged until Backward. `key` determines the dropout masks;
  // null: no dropout.
  Saved Forward(Index rows, S* x, const S* values, const DropoutKey* key,
                Workspace* workspace) const;
  // d_y [rows, output_size()] is destroyed. Adds to the flat gradient and returns the gradient of
  // x, which lies in the workspace, or is d_y itself if there is no layer.
  S* Backward(Index rows, const Saved& saved, const S* values, const DropoutKey* key, S* d_y,
              S* gradient, Workspace* workspace) const;

  // Upper bounds of workspace bytes: what Forward and Backward together keep there for `rows` rows,
  // and what either takes in addition while it runs.
  Index KeptBytes(Index rows) const;
  Index ScratchBytes() const;
  double FlopsPerRow() const;

 private:
  void Drop(std::size_t layer, Index rows, const DropoutKey* key, S* y) const;

  DenseShape shape_;
  std::vector<LinearLayer<S>> layers_;
};

}  // namespace lockstep
