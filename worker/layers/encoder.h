// What most models begin with: inputs of a slot -> features of each step.
//   input layer -> stacked (bi)directional recurrent layers, with dropout and optional residual
//   connections between them -> dropout
// Without recurrent layers the features are those of the input layer, each step by itself.
//
// Parameters in forward order: those of the input layer, then rnn.* of each layer.
#pragma once

#include <algorithm>
#include <vector>

#include "worker/layers/carried_states.h"
#include "worker/layers/dropout_key.h"
#include "worker/layers/input_layer.h"
#include "worker/layers/recurrent_layer.h"

namespace lockstep {

// Configuration only; sizes of the inputs come from the schema.
struct EncoderOptions {
  CellKind cell = CellKind::kGru;
  Index layers = 1;  // recurrent ones; 0: none
  Index hidden_size = 128;
  bool bidirectional = true;
  Index embedding_size = 16;
  Index conv_channels = 0;    // of a convolution over the frames of a step; 0: none
  double dropout = 0;         // between recurrent layers, [0, 1)
  double input_dropout = 0;   // on what the first recurrent layer reads, [0, 1)
  double output_dropout = 0;  // on what the head reads, [0, 1)
  double symbol_dropout = 0;  // share of the symbols whose embedding is replaced by zeros, [0, 1)
  bool residual = false;      // adds a layer's input to its output where the widths are equal
  double forget_bias = 1;
  Precision precision = Precision::kFloat32;  // of the operands of products
  bool recompute = false;                     // of gates in backward, instead of keeping them
};

template <typename S>
class Encoder {
 public:
  // Declares its parameters at the end of the layout, which must outlive it. With
  // `joins_sequence_inputs`, inputs that a sequence has once are joined to the inputs of each of
  // its steps; otherwise somebody else reads them. UsageError where the schema holds an input that
  // it cannot read.
  Encoder(const EncoderOptions& options, const Schema& schema, bool joins_sequence_inputs,
          ParameterLayout* layout);
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  const EncoderOptions& options() const { return options_; }
  Index directions() const { return options_.bidirectional && !layers_.empty() ? 2 : 1; }
  // Columns of the features.
  Index width() const { return layers_.empty() ? input_.width() : layers_.back().output_size(); }
  // Columns of the widest of the arrays that Backward passes gradients in.
  Index widest() const { return std::max(width(), input_.width()); }

  // What Forward keeps for Backward; in the workspace.
  struct Saved {
    typename InputLayer<S>::Saved input;
    std::span<S*> inputs;  // of each layer, and last the features
    std::span<typename RecurrentLayer<S>::Saved> layers;
    S* features() const { return inputs.back(); }  // [rows, width()]
  };
  // `key` draws the dropout masks; null: no dropout. `observer` hears of the pass and may be null.
  Saved Forward(const SlotBatch& batch, const DropoutKey* key, const S* values,
                Workspace* workspace, PassObserver* observer,
                const CarriedStates<S>& carried) const;
  // d_y [rows, widest()] holds the gradient of the features in rows of width() and is destroyed,
  // d_x is as large and scratch. Adds to the flat gradient.
  void Backward(const SlotBatch& batch, const DropoutKey& key, const Saved& saved, const S* values,
                S* d_y, S* d_x, S* gradient, Workspace* workspace, PassObserver* observer) const;

  // The parts of the flat gradient in the order in which backward finishes them.
  void AddStages(std::vector<ElementRange>* stages) const;
  StateShape carried() const;

  // Upper bounds of what Forward keeps and of what either pass takes for its own time.
  Index KeptBytes(const SlotBounds& bounds) const;
  Index ScratchBytes(const SlotBounds& bounds) const;
  // Floating-point operations of forward and backward for one step of one sequence, products only.
  double FlopsPerStep() const;

 private:
  CarriedRows<S> CarriedBy(Index layer, const CarriedStates<S>& carried) const;
  S* NextInput(Index layer, const DropoutKey* key, Index rows, const S* x, S* y,
               Workspace* workspace) const;
  void DropInputs(const SlotBatch& batch, const DropoutKey* key, S* x) const;
  double DropoutAfter(Index layer) const;
  Index PlaceAfter(Index layer) const;
  bool AddsInput(Index layer) const;

  EncoderOptions options_;
  InputLayer<S> input_;
  std::vector<RecurrentLayer<S>> layers_;
};

}  // namespace lockstep
