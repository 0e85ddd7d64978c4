#include "worker/layers/product_norm.h"

namespace lockstep {

template <typename S>
ProductNorm<S>::ProductNorm(const DirectionShape& shape, const DirectionArrays<S>& arrays,
                            const PackedLayout& layout, const DirectionWalk<S>& walk)
    : shape_(shape), a_(arrays), layout_(layout), walk_(walk) {}

template <typename S>
typename ProductNorm<S>::Columns ProductNorm<S>::ColumnsOf(Index group) const {
  const Index H = shape_.hidden_size;
  if (groups() == 1) return {0, shape_.gate_width()};
  return group == 0 ? Columns{0, 2 * H} : Columns{2 * H, H};
}

template <typename S>
NormGroup<S> ProductNorm<S>::InputGroup(const TimeBlock& block, Index group) const {
  const Columns columns = ColumnsOf(group);
  return {block.rows,
          columns.count,
          InputProduct(block) + columns.begin,
          shape_.gate_width(),
          walk_.NormScales(block.first) + kInputScale + group,
          kNormScales,
          a_.norm.gain_ih + columns.begin};
}

template <typename S>
NormGroup<S> ProductNorm<S>::RecurrentGroup(Index t, Index group) const {
  const Columns columns = ColumnsOf(group);
  return {walk_.Continuing(t),
          columns.count,
          RecurrentProduct(t) + columns.begin,
          shape_.gate_width(),
          walk_.NormScales(t) + kRecurrentScale + group,
          kNormScales,
          a_.norm.gain_hh + columns.begin};
}

template <typename S>
void ProductNorm<S>::NormaliseInput(const TimeBlock& block) const {
  S* const gates = walk_.Gates(block.first);
  for (Index group = 0; group < groups(); ++group) {
    NormaliseForward(InputGroup(block, group), false, gates + ColumnsOf(group).begin,
                     shape_.gate_width());
  }
}

template <typename S>
void ProductNorm<S>::NormaliseRecurrent(Index t, S* recurrent) const {
  const Index GH = shape_.gate_width(), H = shape_.hidden_size;
  const Index continuing = walk_.Continuing(t), starting = layout_.active(t) - continuing;
  std::fill_n(RecurrentProduct(t) + continuing * GH, starting * GH, S(0));
  NormaliseForward(RecurrentGroup(t, 0), true, walk_.Gates(t), GH);
  if (groups() == 1) return;
  NormaliseForward(RecurrentGroup(t, 1), false, recurrent, H);
  std::fill_n(recurrent + continuing * H, starting * H, S(0));
}

// The gradient of a GRU's candidate, without the reset gate, is in `memory` (gru_cell.h).
template <typename S>
void ProductNorm<S>::RecurrentBackward(Index t) const {
  const Index GH = shape_.gate_width();
  for (Index group = 0; group < groups(); ++group) {
    const NormGroup<S> norm = RecurrentGroup(t, group);
    const S* const d_y = group == 0 ? walk_.Gates(t) : walk_.Memory(t);
    NormaliseBackward(norm, d_y, group == 0 ? GH : shape_.hidden_size,
                      a_.norm.d_gain_hh + ColumnsOf(group).begin, norm.normed, GH);
  }
}

template <typename S>
void ProductNorm<S>::InputBackward(const TimeBlock& block) const {
  const Index GH = shape_.gate_width();
  for (Index group = 0; group < groups(); ++group) {
    const Columns columns = ColumnsOf(group);
    S* const gates = walk_.Gates(block.first) + columns.begin;
    NormaliseBackward(InputGroup(block, group), gates, GH, a_.norm.d_gain_ih + columns.begin, gates,
                      GH);
  }
}

template class ProductNorm<float>;
template class ProductNorm<double>;

}  // namespace lockstep
