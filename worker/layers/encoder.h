// The encoder is the first part of most models: it turns the inputs of a slot into features of each
// step.
//   input layer -> stacked (bi)directional recurrent layers, with look-ahead, dropout and optional
//   residual connections between them -> dropout
// Without recurrent layers, the features are those of the input layer, each step by itself.
//
// Parameters in forward order: those of the input layer, then of each recurrent layer rnn.* and, if
// it looks ahead, look_ahead.*.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "worker/layers/carried_states.h"
#include "worker/layers/encoder_dropout.h"
#include "worker/layers/encoder_options.h"
#include "worker/layers/input_layer.h"
#include "worker/layers/look_ahead.h"
#include "worker/layers/recurrent_layer.h"

namespace lockstep {

template <typename S>
class PackedLayers;

template <typename S>
class Encoder {
 public:
  // Declares its parameters at the end of the layout, which must outlive it. If
  // `joins_sequence_inputs` is true, the real inputs of a whole sequence are joined to the inputs
  // of each of its steps; if it is false, the encoder ignores them. UsageError if the schema has an
  // input that the encoder cannot read.
  Encoder(const EncoderOptions& options, const Schema& schema, bool joins_sequence_inputs,
          ParameterLayout* layout);
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  const EncoderOptions& options() const { return options_; }
  Index directions() const { return options_.bidirectional && !layers_.empty() ? 2 : 1; }
  // The columns of the features.
  Index width() const { return layers_.empty() ? input_.width() : layers_.back().output_size(); }
  // The columns that d_y and d_x of Backward must have room for.
  Index widest() const { return std::max(width(), input_.width()); }
  // What encoder_stream.h computes with.
  const InputLayer<S>& input() const { return input_; }
  const RecurrentLayer<S>& layer(Index l) const { return layers_[static_cast<std::size_t>(l)]; }
  // Null if the layer does not look ahead.
  const LookAhead<S>* look_ahead(Index l) const {
    const std::optional<LookAhead<S>>& found = look_aheads_[static_cast<std::size_t>(l)];
    return found ? &*found : nullptr;
  }
  bool AddsInput(Index layer) const;

  // What Forward keeps for Backward; in the workspace.
  struct Saved {
    typename InputLayer<S>::Saved input;
    std::span<S*> inputs;  // the input of each recurrent layer, and last the features
    std::span<typename RecurrentLayer<S>::Saved> layers;
    S* features() const { return inputs.back(); }  // [rows, width()]
  };
  // `key` determines the dropout masks; null: no dropout, and Backward may not follow. `observer`
  // may be null. Without a key, `packed` may hold the weights of the recurrent layers; null: each
  // layer packs its own.
  Saved Forward(const SlotBatch& batch, const DropoutKey* key, const S* values,
                Workspace* workspace, PassObserver* observer, const CarriedStates<S>& carried,
                const PackedLayers<S>* packed = nullptr) const;
  // d_y has room for [rows, widest()] elements and begins with the gradient of the features, [rows,
  // width()] without gaps; it is destroyed. d_x is scratch memory of the same size. Adds to the
  // flat gradient. Returns the penalties of activations, which belong to the loss of the slot.
  double Backward(const SlotBatch& batch, const DropoutKey& key, const Saved& saved,
                  const S* values, S* d_y, S* d_x, S* gradient, Workspace* workspace,
                  PassObserver* observer) const;

  // Appends the ranges of the flat gradient in the order in which Backward finishes them.
  void AddStages(std::vector<ElementRange>* stages) const;
  StateShape carried() const;

  // Upper bounds of workspace bytes: what Forward keeps there, and what either pass takes in
  // addition while it runs.
  Index KeptBytes(const SlotBounds& bounds) const;
  Index ScratchBytes(const SlotBounds& bounds) const;
  // Floating-point operations of forward and backward for one step of one sequence; matrix products
  // only.
  double FlopsPerStep() const;

 private:
  CarriedRows<S> CarriedBy(Index layer, const CarriedStates<S>& carried) const;
  S* NextInput(Index layer, const DropoutKey* key, const PackedLayout& layout, const S* x, S* y,
               Workspace* workspace) const;
  void DropInputs(const SlotBatch& batch, const DropoutKey& key, S* x) const;
  S* LookAheadAfter(Index layer, const SlotBatch& batch, const S* values, S* y,
                    Workspace* workspace, PassObserver* observer) const;
  bool ChangesGradient(Index layer) const;
  const S* KeptForInput(Index layer, Index rows, const S* d_y, Workspace* workspace) const;
  void LookBack(Index layer, const SlotBatch& batch, const S* h, const S* values, S* d_y,
                S* gradient, PassObserver* observer) const;

  EncoderOptions options_;
  EncoderDropout<S> dropout_;
  InputLayer<S> input_;
  std::vector<RecurrentLayer<S>> layers_;
  std::vector<std::optional<LookAhead<S>>> look_aheads_;  // one entry per recurrent layer
};

}  // namespace lockstep
