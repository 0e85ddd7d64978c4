// What the first recurrent layer reads:
//   symbols -> rows of an embedding, frames as they are, or frames -> convolution over time -> ReLU
//
// Parameters: embedding.weight [V, E], or those of the convolution, or none.
#pragma once

#include <optional>

#include "data/batch/batch.h"
#include "worker/layers/frame_convolution.h"

namespace lockstep {

struct InputShape {
  Index symbols = 0;         // size of the input alphabet; 0: real-valued inputs
  Index embedding_size = 0;  // of symbols
  Index feature_width = 0;   // of real-valued inputs, all frames of a step together
  Index channels = 0;        // of the convolution; 0: none
  Precision precision = Precision::kFloat32;
};

template <typename S>
class InputLayer {
 public:
  // Adds its parameters to the layout, which must outlive it.
  InputLayer(const InputShape& shape, ParameterLayout* layout);

  // Columns of what Forward gives.
  Index width() const;
  bool has_parameters() const { return shape_.symbols > 0 || convolution_; }
  ElementRange Elements() const;  // of its parameters

  // What backward needs; in the workspace.
  struct Saved {
    const S* frames = nullptr;  // [rows, feature_width], where there is a convolution
    S* x = nullptr;             // [rows, width()]
  };
  Saved Forward(const SlotBatch& batch, const S* values, Workspace* workspace) const;
  // Adds to the gradient; changes d_x. Only where there are parameters.
  void Backward(const SlotBatch& batch, const Saved& saved, S* d_x, S* gradient,
                Workspace* workspace) const;

  Index KeptBytes(const SlotBounds& bounds) const;
  Index ScratchBytes() const { return convolution_ ? convolution_->ScratchBytes() : 0; }
  // Of forward and backward for one step of one sequence, products only.
  double FlopsPerStep() const;

 private:
  InputShape shape_;
  const ParameterLayout* layout_;
  ParameterId embedding_ = 0;
  std::optional<FrameConvolution<S>> convolution_;
};

}  // namespace lockstep
