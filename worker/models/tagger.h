// Many-to-many: scores of the classes for each step of a sequence.
//   input layer -> stacked (bi)directional recurrent layers with dropout between them and optional
//   residual connections -> linear head -> loss
// The loss is softmax cross-entropy where each step has a class (equal length), and connectionist
// temporal classification where the targets are a sequence of their own length.
//
// Parameters in forward order: those of the input layer, rnn.* of each layer, head.weight [C, D*H],
// head.bias [C].
#pragma once

#include <optional>
#include <vector>

#include "base/counter_rng.h"
#include "base/workspace.h"
#include "data/batch/batch.h"
#include "worker/layers/input_layer.h"
#include "worker/layers/recurrent_layer.h"
#include "worker/losses/ctc_loss.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

struct TaggerOptions {
  // Of the corpus.
  Index symbols = 0;        // size of the input alphabet; 0: real-valued inputs
  Index feature_width = 0;  // of real-valued inputs, all frames of a step together
  Index classes = 0;
  bool ctc = false;  // targets have their own length; class 0 is the blank
  // Of the configuration.
  CellKind cell = CellKind::kGru;
  Index layers = 1;
  Index hidden_size = 128;
  bool bidirectional = true;
  Index embedding_size = 16;
  Index conv_channels = 0;  // of a convolution over the frames of a step; 0: none
  double dropout = 0;       // between layers, [0, 1)
  bool residual = false;    // adds a layer's input to its output where the widths are equal
  double forget_bias = 1;
  Precision precision = Precision::kFloat32;  // of the operands of products
  bool recompute = false;                     // of gates in backward, instead of keeping them
};

// What dropout masks depend on.
struct DropoutKey {
  std::uint64_t seed = 0;
  Index step = 0;
  Index slot = 0;
};

// States of the sequences of a slot, where these are computed in parts: [StatesOfSequence(),
// sequences, H], those of the lowest layer first, and of an LSTM its output before its cell state.
template <typename S>
struct CarriedStates {
  const S* initial = nullptr;  // null: the zero state
  S* final = nullptr;          // set for the sequences that have every step of the part
  Index sequences = 0;         // room for so many
};

template <typename S>
class Tagger {
 public:
  explicit Tagger(const TaggerOptions& options);
  Tagger(const Tagger&) = delete;  // layers point at the layout
  Tagger& operator=(const Tagger&) = delete;

  const TaggerOptions& options() const { return options_; }
  const ParameterLayout& layout() const { return layout_; }

  // Adds the gradient of the loss sum to `gradient`. Sums over the slot's steps.
  // `observer` hears of both passes, but nothing of an empty slot. A carried state is a constant:
  // its gradient ends there (truncated BPTT, Williams and Peng 1990). Of layers of one direction.
  LossSums ForwardBackward(const SlotBatch& batch, const DropoutKey& key, const S* values,
                           S* gradient, Workspace* workspace, PassObserver* observer = nullptr,
                           const CarriedStates<S>& carried = {}) const;
  // The same sums without dropout and gradient.
  LossSums Evaluate(const SlotBatch& batch, const S* values, Workspace* workspace,
                    PassObserver* observer = nullptr, const CarriedStates<S>& carried = {}) const;
  // Logits [rows, C] in the workspace, without dropout.
  S* Logits(const SlotBatch& batch, const S* values, Workspace* workspace,
            PassObserver* observer = nullptr, const CarriedStates<S>& carried = {}) const;
  // Arrays [H] that a sequence carries from a step to the next.
  Index StatesOfSequence() const { return options_.layers * StateCount(options_.cell); }

  // The parts of the flat gradient in the order in which backward finishes them, as an observer
  // hears of them.
  std::vector<ElementRange> GradientStages() const;

  // Upper bound of what any of the above takes from the workspace.
  Index WorkspaceBytes(const SlotBounds& bounds) const;
  // Floating-point operations of forward and backward for one step of one sequence, products only.
  double FlopsPerStep() const;

 private:
  using Saved = typename RecurrentLayer<S>::Saved;
  // Activations of forward that backward needs; in the workspace.
  struct Activations {
    typename InputLayer<S>::Saved input;
    std::span<S*> inputs;  // of each layer, and last of the head
    std::span<Saved> saved;
    S* logits = nullptr;
  };
  Activations Forward(const SlotBatch& batch, const DropoutKey* key, const S* values,
                      Workspace* workspace, PassObserver* observer,
                      const CarriedStates<S>& carried) const;
  CarriedRows<S> CarriedBy(Index layer, const CarriedStates<S>& carried) const;
  void Backward(const SlotBatch& batch, const DropoutKey& key, const Activations& activations,
                const S* values, S* gradient, Workspace* workspace, PassObserver* observer) const;
  ElementRange Elements(ParameterId first, ParameterId last) const;
  static void EnterPhase(Phase phase, PassObserver* observer) {
    if (observer != nullptr) observer->Enter(phase);
  }
  static void Need(const ElementRange& elements, PassObserver* observer);
  static void Done(const ElementRange& elements, PassObserver* observer);
  // Loss sums of the logits, which become their gradient.
  LossSums Loss(const SlotBatch& batch, S* logits, Workspace* workspace) const;
  S* NextInput(Index layer, const DropoutKey* key, Index rows, const S* x, S* y,
               Workspace* workspace) const;
  CounterRng DropoutRng(const DropoutKey& key, Index layer) const;
  bool DropsAfter(Index layer) const { return options_.dropout > 0 && layer + 1 < options_.layers; }
  bool AddsInput(Index layer) const;
  Index width() const { return layers_.back().output_size(); }

  TaggerOptions options_;
  ParameterLayout layout_;
  InputLayer<S> input_;
  std::vector<RecurrentLayer<S>> layers_;
  ParameterId head_weight_ = 0;
  ParameterId head_bias_ = 0;
};

}  // namespace lockstep
