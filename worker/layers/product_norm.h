// Layer normalisation of the products of one direction of a recurrent layer (gru_ln, lstm_ln;
// kernels/layer_norm.h). The input product of a step and its recurrent product are normalised by
// themselves, each with a gain of its own, before they are added; the biases of the cell are those
// of the normalisation. For an LSTM all gates of a product are one group; for a GRU the gates r and
// z are one, and the candidate is another (Ba et al. 2016, arXiv:1607.06450, supplementary
// material). Internal to worker/layers/.
#pragma once

#include "base/workspace.h"
#include "worker/kernels/layer_norm.h"
#include "worker/layers/direction_walk.h"

namespace lockstep {

template <typename S>
class ProductNorm {
 public:
  // All must outlive it.
  ProductNorm(const DirectionShape& shape, const DirectionArrays<S>& arrays,
              const PackedLayout& layout, const DirectionWalk<S>& walk);

  // Where the caller puts the products of a block or step, [rows, G*H].
  S* InputProduct(const TimeBlock& block) const { return walk_.NormInput(block.first); }
  S* RecurrentProduct(Index t) const { return walk_.NormRecurrent(t); }

  // Sets the gates of all rows of a block from their input products.
  void NormaliseInput(const TimeBlock& block) const;
  // Adds the recurrent products of step t to its gates; for a GRU, sets `recurrent` [B, H] to that
  // of the candidate instead. Rows that start have no product; theirs are set to zero.
  void NormaliseRecurrent(Index t, S* recurrent) const;
  // After backward of the cell: replaces the normalised recurrent products of step t by the
  // gradients of the products.
  void RecurrentBackward(Index t) const;
  // After backward of all steps of a block: replaces the gradients in the gates by those of the
  // input products.
  void InputBackward(const TimeBlock& block) const;

 private:
  // Columns [begin, begin + count) of a product.
  struct Columns {
    Index begin, count;
  };
  // Which of the four scales of a row belongs to group g of a product.
  static constexpr Index kInputScale = 0;
  static constexpr Index kRecurrentScale = 2;

  Index groups() const { return shape_.cell == CellKind::kGruLn ? 2 : 1; }
  Columns ColumnsOf(Index group) const;
  NormGroup<S> InputGroup(const TimeBlock& block, Index group) const;
  NormGroup<S> RecurrentGroup(Index t, Index group) const;

  DirectionShape shape_;
  const DirectionArrays<S>& a_;
  const PackedLayout& layout_;
  const DirectionWalk<S>& walk_;
};

}  // namespace lockstep
