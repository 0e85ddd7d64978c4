// The last layers of all heads: any number of dense layers, then one linear layer. They work on
// each row by itself.
//
// Parameters: those of the dense layers, head.weight [C, D], head.bias [C].
#pragma once

#include "base/workspace.h"
#include "worker/layers/dense_stack.h"
#include "worker/layers/linear_layer.h"
#include "worker/layers/pass_observer.h"

namespace lockstep {

template <typename S>
class OutputLayers {
 public:
  // Declares its parameters at the end of the layout, which must outlive it.
  OutputLayers(const DenseShape& dense, Index outputs, ParameterLayout* layout);

  Index input_size() const { return input_size_; }
  Index output_size() const { return linear_.output_size(); }
  // Its parameters are the elements [first_element(), end_element()) of the flat array.
  Index first_element() const;
  Index end_element() const { return linear_.Elements().end; }

  struct Saved {
    typename DenseStack<S>::Saved dense;
    S* outputs = nullptr;  // [rows, output_size()]
  };
  // x [rows, input_size()] must stay unchanged until Backward. What Saved points to is in the
  // workspace. `key` determines the dropout masks; null: no dropout.
  Saved Forward(Index rows, S* x, const S* values, const DropoutKey* key,
                Workspace* workspace) const;
  // saved.outputs must hold the gradient of the outputs. Adds the gradients of these layers'
  // parameters to the flat gradient, calls `finished` as soon as they are complete, and sets d_x
  // [rows, input_size()].
  template <typename Finished>
  void Backward(Index rows, const Saved& saved, const S* values, const DropoutKey* key, S* d_x,
                S* gradient, Workspace* workspace, const Finished& finished) const;

  // Upper bound of what Forward and Backward together take from the workspace.
  Index WorkspaceBytes(Index rows) const;
  double FlopsPerRow() const { return dense_.FlopsPerRow() + linear_.FlopsPerRow(); }

 private:
  Index input_size_;
  DenseStack<S> dense_;
  LinearLayer<S> linear_;
};

// Without dense layers, the gradients of all parameters are complete before d_x is computed, and
// d_x can be computed in place.
template <typename S>
template <typename Finished>
void OutputLayers<S>::Backward(Index rows, const Saved& saved, const S* values,
                               const DropoutKey* key, S* d_x, S* gradient, Workspace* workspace,
                               const Finished& finished) const {
  S* const y = saved.dense.inputs.back();
  linear_.AddGradient(rows, y, saved.outputs, gradient, workspace);
  if (dense_.layers().empty()) {
    finished();
    linear_.InputGradient(rows, saved.outputs, values, d_x, workspace);
    return;
  }
  S* const d_y = workspace->Take<S>(rows * dense_.output_size());
  linear_.InputGradient(rows, saved.outputs, values, d_y, workspace);
  const S* const below = dense_.Backward(rows, saved.dense, values, key, d_y, gradient, workspace);
  finished();
  std::copy_n(below, rows * input_size_, d_x);
}

}  // namespace lockstep
