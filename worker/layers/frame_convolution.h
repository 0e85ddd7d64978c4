// A convolution over time with ReLU, in front of the recurrent layers. The batch already holds the
// frames of each step's window side by side (data/stream/frame_transform.h: stack = kernel, stride
// = stride), so the convolution is one product:
//   y = max(0, x W^T + b)         W [channels, window], x [rows, window], y [rows, channels]
#pragma once

#include "base/workspace.h"
#include "worker/layers/linear_layer.h"

namespace lockstep {

template <typename S>
class FrameConvolution {
 public:
  // Declares front.weight and front.bias at the end of the layout, which must outlive it.
  FrameConvolution(Index window, Index channels, Precision precision, ParameterLayout* layout);

  Index window() const { return linear_.input_size(); }
  Index channels() const { return linear_.output_size(); }
  ElementRange Elements() const { return linear_.Elements(); }

  void Forward(Index rows, const S* x, const S* values, S* y, Workspace* workspace) const;
  // Adds to the flat gradient. Changes d_y to the gradient before the ReLU. There is no gradient of
  // x, because frames are data.
  void Backward(Index rows, const S* x, const S* y, S* d_y, S* gradient,
                Workspace* workspace) const;

  // Upper bound of the workspace bytes that Forward or Backward takes while it runs.
  Index ScratchBytes() const { return linear_.ScratchBytes(); }

 private:
  LinearLayer<S> linear_;
};

}  // namespace lockstep
