#include "worker/layers/frame_convolution.h"

#include <algorithm>

namespace lockstep {

template <typename S>
FrameConvolution<S>::FrameConvolution(Index window, Index channels, Precision precision,
                                      ParameterLayout* layout)
    : linear_("front", window, channels, precision, layout) {}

template <typename S>
void FrameConvolution<S>::Forward(Index rows, const S* x, const S* values, S* y,
                                  Workspace* workspace) const {
  linear_.Forward(rows, x, values, y, workspace);
  for (Index i = 0; i < rows * channels(); ++i) y[i] = std::max(y[i], S{0});
}

template <typename S>
void FrameConvolution<S>::Backward(Index rows, const S* x, const S* y, S* d_y, S* gradient,
                                   Workspace* workspace) const {
  for (Index i = 0; i < rows * channels(); ++i) d_y[i] = y[i] > 0 ? d_y[i] : S{0};
  linear_.AddGradient(rows, x, d_y, gradient, workspace);
}

template class FrameConvolution<float>;
template class FrameConvolution<double>;

}  // namespace lockstep
