// One recurrent layer over time, in one or both directions, on a packed slot.
//
// The loop over time is in direction_pass.h, once for each direction: products for the inputs of a
// whole block of steps, and for each step one recurrent product and one gate kernel. The forward
// direction drops the rows of sequences that have ended; the reverse direction walks t down and
// takes in new rows, which start from the initial state. There are no masks, no reversed copies and
// no padding.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/workspace.h"
#include "data/batch/batch.h"
#include "worker/layers/cell_kind.h"
#include "worker/layers/direction_pass.h"
#include "worker/layers/dropout_key.h"
#include "worker/layers/recurrent_parameters.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

template <typename S>
class RecurrentLayer {
 public:
  // Declares the parameters of layer `index` at the end of the layout.
  RecurrentLayer(const RecurrentShape& shape, Index index, ParameterLayout* layout);
  // The same for a stack with names of its own, `prefix` in place of rnn. `place` is the number of
  // the layer among all of the model, which determines its masks (dropout_key.h).
  RecurrentLayer(const RecurrentShape& shape, const std::string& prefix, Index index, Index place,
                 ParameterLayout* layout);

  const RecurrentShape& shape() const { return shape_; }
  Index output_size() const { return shape_.directions * shape_.hidden_size; }
  // The elements of the flat array that hold the parameters of a direction.
  ElementRange Elements(Index direction) const { return ParametersOf(direction).Elements(); }

  // What Forward keeps for Backward, one entry per direction; points into the workspace.
  struct Saved {
    const S* x = nullptr;  // [rows, I]
    S* y = nullptr;        // [rows, D*H]
    // [rows, G*H] and [rows, H]; with recompute or without backward, of one block of time only.
    std::array<S*, 2> gates{};
    std::array<S*, 2> memory{};
    std::array<S*, 2> borders{};  // LSTM cell states between blocks; with recompute only, or null
    std::array<NormArrays<S>, 2> norm{};
    CarriedRows<S> carried;
    const DropoutKey* key = nullptr;
  };

  // Reads x [rows, I], sets y [rows, D*H]; the columns of the forward direction come first.
  // `values` is the flat parameter array; `observer` is asked before the values of each direction
  // are read. `carried` may hold initial states, which must stay until Backward, and room for final
  // states; only for layers with one direction. `key`, which must stay until Backward, determines
  // the masks of weights and zoneout; null: evaluation. If `forward_only` is true, Backward may not
  // follow, and less memory is taken; then `packed` may hold the weights, packed before, one entry
  // per direction; null: it packs them itself.
  Saved Forward(const PackedLayout& layout, const S* values, const S* x, S* y, Workspace* workspace,
                PassObserver* observer = nullptr, const CarriedRows<S>& carried = {},
                const DropoutKey* key = nullptr, bool forward_only = false,
                const PackedDirection<S>* packed = nullptr) const;
  // The weights of a direction, packed for many calls of Forward with few rows each; in the
  // workspace, of which it takes at most PackedForwardBytes().
  PackedDirection<S> PackForward(Index direction, const S* values, Workspace* workspace) const;
  Index PackedForwardBytes() const { return DirectionPass<S>::PackedForwardBytes(ShapeOf(0)); }

  // Reads d_y [rows, D*H]; adds to the flat `gradient`; sets d_x [rows, I] unless it is null.
  // Destroys the arrays in `saved`. Returns to the workspace what it takes. `observer` is told when
  // the gradient of each direction is complete.
  void Backward(const PackedLayout& layout, const S* values, const Saved& saved, const S* d_y,
                S* d_x, S* gradient, Workspace* workspace, PassObserver* observer = nullptr) const;

  // The passes of a layer of one direction whose steps the caller walks, because the next input
  // depends on what it gives (DirectionPass::ForwardOne and BackwardOne); with recompute, for slots
  // of one step only. Prepare
  // takes what Forward keeps; the loops are in the workspace, with what they take while they run,
  // and the caller rewinds it.
  Saved Prepare(const PackedLayout& layout, const S* x, S* y, Workspace* workspace,
                const CarriedRows<S>& carried, const DropoutKey* key) const;
  DirectionPass<S>* OpenForward(const PackedLayout& layout, const S* values, const Saved& saved,
                                Workspace* workspace, PassObserver* observer) const;
  struct BackwardLoop {
    DirectionPass<S>* pass = nullptr;
    S* d_dropped = nullptr;  // gradient of the recurrent weights behind their mask, or null
  };
  BackwardLoop OpenBackward(const PackedLayout& layout, const S* values, const Saved& saved,
                            const S* d_y, S* d_x, S* gradient, Workspace* workspace,
                            PassObserver* observer) const;
  void CloseBackward(const BackwardLoop& loop, const Saved& saved, S* gradient,
                     PassObserver* observer) const;

  // Upper bounds of workspace bytes: what Forward keeps there, and what Forward or Backward takes
  // in addition while it runs.
  Index KeptBytes(const SlotBounds& bounds) const;
  Index ScratchBytes(const SlotBounds& bounds) const;

 private:
  const RecurrentParameters& ParametersOf(Index direction) const {
    return parameters_[static_cast<std::size_t>(direction)];
  }
  DirectionShape ShapeOf(Index direction, bool forward_only = false) const;
  void TakeKept(Index direction, const DirectionShape& shape, const PackedLayout& layout,
                Saved* saved, Workspace* workspace) const;
  void TakeNorm(Index direction, Index rows, Saved* saved, Workspace* workspace) const;
  DirectionArrays<S> ArraysOf(Index direction, const S* values, const Saved& saved) const;
  ZoneoutDraws ZoneoutOf(Index direction, const DropoutKey& key) const;
  Index recurrent_count() const {
    return GateCount(shape_.cell) * shape_.hidden_size * shape_.hidden_size;
  }
  bool DropsWeights(const DropoutKey* key) const {
    return key != nullptr && shape_.weight_dropout > 0;
  }
  void DropWeights(Index direction, const DropoutKey& key, S* weights) const;
  const S* DroppedWeights(Index direction, const DropoutKey& key, const S* weights,
                          Workspace* workspace) const;
  void AddDropped(Index direction, const DropoutKey& key, S* d_dropped, S* gradient) const;

  RecurrentShape shape_;
  Index place_;
  std::vector<RecurrentParameters> parameters_;  // by direction
};

}  // namespace lockstep
