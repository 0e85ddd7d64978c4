// The recurrent layers of a decoder: stacked, of one direction, each starting from a state that a
// bridge has computed (state_bridge.h), with dropout and optional residual connections between
// them. The layers either go over all steps one after another, or all of them step by step.
//
// Parameters of layer k: decoder.weight_ih_l{k} and so on (recurrent_layer.h).
#pragma once

#include <span>
#include <vector>

#include "worker/layers/encoder.h"
#include "worker/layers/state_bridge.h"

namespace lockstep {

template <typename S>
class DecoderStack {
 public:
  // Takes what concerns recurrent layers from `options`. `step_by_step`: for OpenForward and
  // OpenBackward only, which do not recompute.
  DecoderStack(const EncoderOptions& options, Index layers, Index input_size, bool step_by_step,
               ParameterLayout* layout);

  Index layers() const { return static_cast<Index>(layers_.size()); }
  Index input_size() const { return layers_.front().shape().input_size; }    // X
  Index hidden_size() const { return layers_.front().shape().hidden_size; }  // H
  const RecurrentLayer<S>& layer(Index l) const { return layers_[static_cast<std::size_t>(l)]; }
  bool AddsInput(Index l) const;

  // What Backward needs; in the workspace.
  struct Saved {
    std::span<S*> inputs;  // the input of each layer, and last the states that the stack gives
    std::span<typename RecurrentLayer<S>::Saved> layers;
    std::span<S*> masks;  // step by step: what the outputs of each layer are multiplied by, or null
    S* states() const { return inputs.back(); }  // [rows, H]
  };
  // Reads x [rows, X].
  Saved Forward(const PackedLayout& layout, const DropoutKey* key, const S* values, S* x,
                const StateBridge<S>& bridge, const typename StateBridge<S>::Saved& states,
                Workspace* workspace, PassObserver* observer) const;
  // d_y has room for [rows, widest()] elements and begins with the gradient of the states [rows,
  // H]; it is destroyed. d_x is of the same size. Returns the one of both that holds the gradient
  // of x [rows, X]. Sets the gradients of the initial states, and adds to the flat gradient.
  S* Backward(const PackedLayout& layout, const DropoutKey& key, const Saved& saved,
              const S* values, S* d_y, S* d_x, S* gradient, Workspace* workspace,
              PassObserver* observer) const;
  Index widest() const { return std::max(input_size(), hidden_size()); }

  // ---- Step by step. The memory of a loop is in the workspace, and the caller rewinds it.
  // Takes what Backward needs; x [rows, X] and states() are read and set by ForwardStep.
  Saved Prepare(const PackedLayout& layout, const DropoutKey* key, S* x,
                const StateBridge<S>& bridge, const typename StateBridge<S>::Saved& states,
                Workspace* workspace) const;
  using ForwardLoop = std::span<DirectionPass<S>*>;
  ForwardLoop OpenForward(const PackedLayout& layout, const Saved& saved, const S* values,
                          Workspace* workspace, PassObserver* observer) const;
  void ForwardStep(const PackedLayout& layout, const Saved& saved, const ForwardLoop& loop,
                   Index t) const;
  struct BackwardLoop {
    std::span<typename RecurrentLayer<S>::BackwardLoop> layers;
    std::span<S*> d_inputs;  // the gradient of the input of each layer, and last that of the states
    S* d_states() const { return d_inputs.back(); }
    S* d_x() const { return d_inputs.front(); }
  };
  BackwardLoop OpenBackward(const PackedLayout& layout, const Saved& saved, const S* values,
                            S* gradient, Workspace* workspace, PassObserver* observer) const;
  // Reads row block t of d_states(), which may change, and sets that of d_x().
  void BackwardStep(const PackedLayout& layout, const Saved& saved, const BackwardLoop& loop,
                    Index t) const;
  void CloseBackward(const Saved& saved, const BackwardLoop& loop, S* gradient,
                     PassObserver* observer) const;

  void AddStages(std::vector<ElementRange>* stages) const;
  // Upper bounds of workspace bytes for the layout of targets: what Forward or Prepare keeps, what
  // Forward and Backward take while they run, and what the loops step by step take.
  Index KeptBytes(const SlotBounds& bounds) const;
  Index ScratchBytes(const SlotBounds& bounds) const;
  Index LoopBytes(const SlotBounds& bounds) const;
  double FlopsPerStep() const;

 private:
  bool Copies(Index l) const { return AddsInput(l) || DropsAfter(l); }
  bool DropsAfter(Index l) const { return l + 1 < layers() && options_.dropout > 0; }
  void Drop(Index l, const PackedLayout& layout, const DropoutKey& key, S* x) const;
  Saved TakeSaved(S* x, Workspace* workspace) const;

  EncoderOptions options_;
  bool step_by_step_;
  std::vector<RecurrentLayer<S>> layers_;
};

}  // namespace lockstep
