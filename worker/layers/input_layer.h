// What the first recurrent layer reads, one row per step:
//   ids -> rows of an embedding, real values as they are, or real values -> convolution over time
//   -> ReLU
// Real values that a sequence has once can be joined to those of each of its steps.
//
// Parameters: embedding.weight [V, E], or those of the convolution, or none.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "data/batch/batch.h"
#include "worker/layers/frame_convolution.h"

namespace lockstep {

struct InputOptions {
  Index embedding_size = 0;  // of ids
  Index channels = 0;        // of the convolution; 0: none
  bool joins_sequence_inputs =
      false;  // adds the real inputs that a sequence has once to each of its steps
  Precision precision = Precision::kFloat32;
};

// The fields of a schema that are inputs with one row of real values per sequence.
std::vector<std::size_t> SequenceInputs(const Schema& schema);
// Elements of all of them together.
Index WidthOf(const Schema& schema, std::span<const std::size_t> fields);

template <typename S>
class InputLayer {
 public:
  // Adds its parameters to the layout, which must outlive it. UsageError where the schema holds an
  // input that it cannot read.
  InputLayer(const InputOptions& options, const Schema& schema, ParameterLayout* layout);

  // Columns of what Forward gives.
  Index width() const;
  bool has_parameters() const { return symbols_ > 0 || convolution_; }
  ElementRange Elements() const;  // of its parameters

  // What backward needs; in the workspace.
  struct Saved {
    const S* frames = nullptr;  // [rows, features of a step], where there is a convolution
    S* x = nullptr;             // [rows, width()]
  };
  Saved Forward(const SlotBatch& batch, const S* values, Workspace* workspace) const;
  // Adds to the gradient; changes d_x. Only where there are parameters.
  void Backward(const SlotBatch& batch, const Saved& saved, S* d_x, S* gradient,
                Workspace* workspace) const;

  Index KeptBytes(const SlotBounds& bounds) const;
  Index ScratchBytes() const { return convolution_ ? convolution_->ScratchBytes() : 0; }
  // Floating-point operations of forward and backward for one step of one sequence, products only.
  double FlopsPerStep() const;

 private:
  void CheckInputs(const Schema& schema) const;
  void CopyFeatures(const SlotBatch& batch, S* x) const;
  void JoinSequenceInputs(const SlotBatch& batch, S* x) const;
  Index step_width() const { return feature_width_ + joined_width_; }

  InputOptions options_;
  Index symbols_ = 0;                 // ids of the leading field; 0: it holds real values
  Index feature_width_ = 0;           // of real values, all frames of a step together
  std::vector<std::size_t> joined_;   // fields that are joined to each step
  std::vector<Index> joined_widths_;  // their elements
  Index joined_width_ = 0;            // all together
  const ParameterLayout* layout_;
  ParameterId embedding_ = 0;
  std::optional<FrameConvolution<S>> convolution_;
};

}  // namespace lockstep
