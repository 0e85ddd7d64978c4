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
#include "worker/layers/dropout_key.h"
#include "worker/layers/input_layer.h"
#include "worker/layers/look_ahead.h"
#include "worker/layers/recurrent_layer.h"

namespace lockstep {

// The configuration of an encoder; the sizes of the inputs come from the schema.
struct EncoderOptions {
  CellKind cell = CellKind::kGru;
  Index layers = 1;           // recurrent layers; may be 0
  Index hidden_size = 128;    // units of each direction of each layer
  bool bidirectional = true;  // each layer has a reverse direction, too
  Index embedding_size = 16;  // columns of the embedding of ids
  // Standard deviation of the first values of the embedding, above 0. 1, as torch.nn.Embedding,
  // suits few symbols that are all frequent; words that occur a few times hardly move from there,
  // so that 0.1 generalises better.
  double embedding_scale = 1;
  Index conv_channels = 0;    // output channels of the convolution over frames; 0: none
  double dropout = 0;         // probability between recurrent layers, [0, 1)
  double input_dropout = 0;   // probability on the input of the first recurrent layer, [0, 1)
  double output_dropout = 0;  // probability on the input of the head, [0, 1)
  double symbol_dropout = 0;  // share of symbols whose embedding is set to zero, [0, 1)
  // Probability that all occurrences of an id in a slot have zeros in place of its embedding; the
  // others are multiplied by 1 / (1 - p) (Gal & Ghahramani 2016, arXiv:1512.05287, section 4.2).
  // [0, 1), for inputs that are ids.
  double embedding_dropout = 0;
  // If true, dropout, input_dropout and output_dropout draw one mask per sequence, which serves all
  // its steps (Gal & Ghahramani 2016, section 4); if false, each step has its own.
  bool variational_dropout = false;
  double weight_dropout = 0;  // of the recurrent weights (RecurrentShape::weight_dropout), [0, 1)
  double zoneout = 0;         // of the outputs of recurrent layers (kernels/zoneout.h), [0, 1)
  double cell_zoneout = 0;    // of the cell states of LSTMs, [0, 1)
  // Weights of what training adds to its loss (activation_penalty.h), at least 0: for the squares
  // of the features that the head reads, after dropout, and for those of the differences from step
  // to step of the top layer's hidden states, before look-ahead, residual sum and dropout.
  double activation_l2 = 0;
  double difference_l2 = 0;
  bool residual = false;  // adds a layer's input to its output if the widths are equal
  // Steps of look-ahead behind each recurrent layer, lowest first; a single number is that of the
  // top layer, and the others have none. For layers of one direction only.
  std::vector<Index> lookahead = {0};
  double forget_bias = 1;                     // initial bias of the LSTM's forget gate
  Precision precision = Precision::kFloat32;  // precision of the operands of products
  bool recompute = false;  // backward computes gates again instead of keeping them (saves memory)
};

// The steps that recurrent layer `layer` looks ahead, and those of all layers together: the scores
// of a step depend on no input after that.
Index LookAheadOf(const EncoderOptions& options, Index layer);
Index TotalLookAhead(const EncoderOptions& options);

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
  // `key` determines the dropout masks; null: no dropout. `observer` may be null.
  Saved Forward(const SlotBatch& batch, const DropoutKey* key, const S* values,
                Workspace* workspace, PassObserver* observer,
                const CarriedStates<S>& carried) const;
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
  void Drop(Index place, double probability, const PackedLayout& layout, const DropoutKey& key,
            S* x) const;
  void DropInputs(const SlotBatch& batch, const DropoutKey* key, S* x) const;
  double DropoutAfter(Index layer) const;
  Index PlaceAfter(Index layer) const;
  S* LookAheadAfter(Index layer, const SlotBatch& batch, const S* values, S* y,
                    Workspace* workspace, PassObserver* observer) const;
  bool ChangesGradient(Index layer) const;
  const S* KeptForInput(Index layer, Index rows, const S* d_y, Workspace* workspace) const;
  void LookBack(Index layer, const SlotBatch& batch, const S* h, const S* values, S* d_y,
                S* gradient, PassObserver* observer) const;

  EncoderOptions options_;
  InputLayer<S> input_;
  std::vector<RecurrentLayer<S>> layers_;
  std::vector<std::optional<LookAhead<S>>> look_aheads_;  // one entry per recurrent layer
};

}  // namespace lockstep
