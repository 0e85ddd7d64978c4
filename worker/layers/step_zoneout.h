// Zoneout (kernels/zoneout.h) of one direction of a recurrent layer: draws the masks of a step and
// applies them before and after the kernels of the cell. Internal to worker/layers/.
#pragma once

#include "base/workspace.h"
#include "worker/kernels/zoneout.h"
#include "worker/layers/direction_walk.h"

namespace lockstep {

template <typename S>
class StepZoneout {
 public:
  // `walk` must outlive it.
  StepZoneout(const DirectionShape& shape, const DirectionArrays<S>& arrays,
              const PackedLayout& layout, const DirectionWalk<S>& walk);

  bool on() const { return shape_.has_zoneout(); }
  // Takes its arrays from the workspace, and zeros from `states`. Only if it is on.
  void Prepare(const StepStates<S>& states, Workspace* workspace);
  static Index ScratchBytes(const DirectionShape& shape, const SlotBounds& bounds);

  // After the kernels of the cell have computed step t.
  void AfterForward(Index t);
  // Around backward of step t. Between the two, the kernels take each step from CellOnly.
  void BeforeBackward(Index t);
  void AfterBackward(Index t);
  // The step as the cell sees it: with the output and the cell state that it has computed itself,
  // and without a gradient from the layer above, which BeforeBackward has added to d_h.
  CellStep<S> CellOnly(const CellStep<S>& step) const;

 private:
  void Draw(Index t);
  ZoneoutRows<S> RowsOf(const CellStep<S>& step) const;
  bool KeepsCellOutput() const;

  DirectionShape shape_;
  const ZoneoutDraws& draws_;
  const PackedLayout& layout_;
  const DirectionWalk<S>& walk_;
  StepStates<S> states_;
  // [B, H] each; those of the cell state for LSTMs only.
  S* keep_ = nullptr;
  S* keep_memory_ = nullptr;
  S* past_h_ = nullptr;
  S* past_memory_ = nullptr;
  S* cell_memory_ = nullptr;
};

}  // namespace lockstep
