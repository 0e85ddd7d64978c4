// One recurrent layer over time, in one direction or both, on a packed slot.
//
// Per direction: one product for the inputs of all steps, then per step one recurrent product and
// one gate kernel; backward the mirror image, with the weight gradients as products over all steps
// at the end. The forward direction drops rows of finished sequences as it goes; the reverse
// direction walks t down and takes in new rows with the initial state. No mask, no reversed copy,
// no padding.
//
// Parameters of layer k, as in torch.nn: rnn.weight_ih_l{k} [G*H, I], rnn.weight_hh_l{k} [G*H, H],
// rnn.bias_ih_l{k} [G*H], rnn.bias_hh_l{k} [G*H], and the same with _reverse.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/workspace.h"
#include "data/batch/batch.h"
#include "worker/layers/cell_kind.h"
#include "worker/layers/direction_pass.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

struct RecurrentShape {
  CellKind cell = CellKind::kGru;
  Index input_size = 0;   // I
  Index hidden_size = 0;  // H
  Index directions = 1;   // 1 or 2
  // Added to the LSTM's forget gate at the start (Gers et al. 2000; Jozefowicz et al. 2015).
  double forget_bias = 1.0;
  Precision precision = Precision::kFloat32;
  // Backward computes gates once more, a block of time at a time, instead of keeping those of all
  // rows (Chen et al. 2016, arXiv:1604.06174): same bits, less memory, a third more products.
  bool recompute = false;
};

template <typename S>
class RecurrentLayer {
 public:
  // Declares the parameters of layer `index` at the end of the layout.
  RecurrentLayer(const RecurrentShape& shape, Index index, ParameterLayout* layout);

  const RecurrentShape& shape() const { return shape_; }
  Index output_size() const { return shape_.directions * shape_.hidden_size; }
  // What a direction has of the flat array.
  ElementRange Elements(Index direction) const;

  // What forward keeps for backward; points into the workspace.
  struct Saved {
    const S* x = nullptr;         // [rows, I]
    S* y = nullptr;               // [rows, D*H]
    std::array<S*, 2> gates{};    // [rows, G*H] a direction; with recompute, of one block of time
    std::array<S*, 2> memory{};   // [rows, H], the same
    std::array<S*, 2> borders{};  // memory between blocks, where recompute needs it, else null
    CarriedRows<S> carried;
  };

  // x [rows, I] -> y [rows, D*H], forward direction first. `values` is the flat parameter array.
  // `observer` is told before the values of a direction are read. A layer of one direction starts
  // from a state and leaves one where `carried` has them; Backward reads the first, too.
  Saved Forward(const PackedLayout& layout, const S* values, const S* x, S* y, Workspace* workspace,
                PassObserver* observer = nullptr, const CarriedRows<S>& carried = {}) const;

  // d_y [rows, D*H] -> adds to the flat `gradient`; sets d_x [rows, I] unless it is null. Destroys
  // `saved`; leaves the workspace as it was. `observer` is told when the gradient of a direction is
  // complete.
  void Backward(const PackedLayout& layout, const S* values, const Saved& saved, const S* d_y,
                S* d_x, S* gradient, Workspace* workspace, PassObserver* observer = nullptr) const;

  // Upper bounds of what Forward keeps in the workspace and of what Backward takes for its own
  // time.
  Index KeptBytes(const SlotBounds& bounds) const;
  Index ScratchBytes(const SlotBounds& bounds) const;

 private:
  struct DirectionIds {
    ParameterId weight_ih, weight_hh, bias_ih, bias_hh;
  };
  DirectionShape ShapeOf(Index direction) const;
  void TakeKept(Index direction, const PackedLayout& layout, Saved* saved,
                Workspace* workspace) const;
  DirectionArrays<S> ArraysOf(Index direction, const S* values, const Saved& saved) const;

  RecurrentShape shape_;
  const ParameterLayout* layout_;
  std::vector<DirectionIds> ids_;
};

}  // namespace lockstep
