// The shape of a recurrent layer, and the parameters of one of its directions in the flat array.
//
// Parameters of layer k, as in torch.nn: rnn.weight_ih_l{k} [G*H, I], rnn.weight_hh_l{k} [G*H, H],
// rnn.bias_ih_l{k} [G*H], rnn.bias_hh_l{k} [G*H], and the same with _reverse. Cells with layer
// normalisation also have rnn.gain_ih_l{k} and rnn.gain_hh_l{k} [G*H], and an LSTM of that kind
// rnn.gain_cell_l{k} and rnn.bias_cell_l{k} [H]; gains begin with 1.
#pragma once

#include <string>

#include "worker/layers/cell_kind.h"
#include "worker/layers/direction_pass.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

struct RecurrentShape {
  CellKind cell = CellKind::kGru;
  Index input_size = 0;   // I
  Index hidden_size = 0;  // H
  Index directions = 1;   // 1 or 2
  // Initial bias of the LSTM's forget gate (Gers et al. 2000; Jozefowicz et al. 2015).
  double forget_bias = 1.0;
  Precision precision = Precision::kFloat32;
  // If true, backward computes the gates again, one block of time at a time, instead of keeping
  // those of all rows (Chen et al. 2016, arXiv:1604.06174). Same bits, less memory, a third more
  // products.
  bool recompute = false;
  // Probability that training sets an element of the recurrent weights to zero, one mask for all
  // slots of a training step (DropConnect; Merity et al. 2018, arXiv:1708.02182, section 2). The
  // others are multiplied by 1 / (1 - p).
  double weight_dropout = 0;
  // Probabilities that a unit keeps its last output or cell state (kernels/zoneout.h).
  double zoneout = 0;
  double cell_zoneout = 0;  // LSTMs only
};

class RecurrentParameters {
 public:
  // Declares them at the end of the layout, which must outlive this: `prefix`.weight_ih`suffix` and
  // so on.
  RecurrentParameters(const RecurrentShape& shape, const std::string& prefix,
                      const std::string& suffix, ParameterLayout* layout);

  // The elements of the flat array that hold them.
  ElementRange Elements() const;

  // Points the fields of `arrays` that are parameters into the flat array `values`, and those that
  // are gradients into the flat array `gradient`.
  template <typename S>
  void SetValues(const S* values, DirectionArrays<S>* arrays) const;
  template <typename S>
  void SetGradients(S* gradient, DirectionArrays<S>* arrays) const;

 private:
  void AddGains(const std::string& prefix, const std::string& suffix, ParameterLayout* layout);
  Index OffsetOf(ParameterId id) const { return (*layout_)[id].offset; }

  CellKind cell_;
  Index hidden_size_;
  const ParameterLayout* layout_;
  ParameterId weight_ih_, weight_hh_, bias_ih_, bias_hh_;
  // For cells with layer normalisation only.
  ParameterId gain_ih_ = 0, gain_hh_ = 0, gain_cell_ = 0, bias_cell_ = 0;
  ParameterId last_;
};

}  // namespace lockstep
