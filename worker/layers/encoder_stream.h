// An encoder of one direction on a sequence that comes in parts. Each recurrent layer hands its
// state from part to part; a layer that looks ahead holds back its last outputs until the steps
// that they look at are there. So the features come some steps late, at most
// TotalLookAhead(options), and have the bits that Encoder::Forward gives for the whole sequence.
// Weights are packed once: for parts of one step, packing them would be most of the work.
#pragma once

#include <vector>

#include "worker/layers/packed_layers.h"

namespace lockstep {

template <typename S>
class EncoderStream {
 public:
  // `encoder`, of one direction, and `values` must outlive it. At the beginning of a sequence.
  EncoderStream(const Encoder<S>* encoder, const S* values);

  struct Features {
    S* values = nullptr;  // [rows, width()], in the workspace
    Index rows = 0;
  };
  // Adds the next steps, a slot of one sequence, or of none if only the end is to be told. Returns
  // the features that are known now. If `ends` is true, these are all that remain, and the next
  // call begins a new sequence.
  Features Add(const SlotBatch& part, bool ends, Workspace* workspace);

  // Upper bound of the workspace bytes that Add takes for parts of at most `steps` steps.
  Index WorkspaceBytes(Index steps) const;

 private:
  // What a recurrent layer keeps between two parts.
  struct Layer {
    Index steps = 0;                // that it has computed since the beginning
    std::vector<S> output, memory;  // [H] each; memory of an LSTM only
    std::vector<S> held;            // [rows, H]: outputs that wait for the steps after them
    std::vector<S> inputs;          // the inputs of the same steps; only if they are added later
  };
  Features Recur(Index l, const Features& x, Workspace* workspace);
  Features SeeAhead(Index l, const Features& x, const Features& y, bool ends, Workspace* workspace);
  void Hold(const Features& rows, Index width, std::vector<S>* held) const;
  void Begin();

  const Encoder<S>& encoder_;
  const S* values_;
  PackedLayers<S> packed_;
  std::vector<Layer> layers_;
};

}  // namespace lockstep
