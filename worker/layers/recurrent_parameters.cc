#include "worker/layers/recurrent_parameters.h"

namespace lockstep {
namespace {

Initialiser BiasInitialiser(const RecurrentShape& shape) {
  constexpr Index kForgetGate = 1;
  if (!HasMemory(shape.cell)) return {.gates = GateCount(shape.cell)};
  return {.kind = Initialiser::Kind::kBlockConstant,
          .gates = 4,
          .value = shape.forget_bias,
          .block = kForgetGate};
}

}  // namespace

RecurrentParameters::RecurrentParameters(const RecurrentShape& shape, const std::string& prefix,
                                         const std::string& suffix, ParameterLayout* layout)
    : cell_(shape.cell), hidden_size_(shape.hidden_size), layout_(layout) {
  const Index gates = GateCount(cell_), H = hidden_size_;
  weight_ih_ = layout->Add(prefix + ".weight_ih" + suffix, {gates * H, shape.input_size},
                           {.kind = Initialiser::Kind::kGlorot, .gates = gates});
  weight_hh_ = layout->Add(prefix + ".weight_hh" + suffix, {gates * H, H},
                           {.kind = Initialiser::Kind::kOrthogonal, .gates = gates});
  bias_ih_ = layout->Add(prefix + ".bias_ih" + suffix, {gates * H}, BiasInitialiser(shape));
  bias_hh_ = last_ = layout->Add(prefix + ".bias_hh" + suffix, {gates * H}, {.gates = gates});
  if (IsNormalised(cell_)) AddGains(prefix, suffix, layout);
}

void RecurrentParameters::AddGains(const std::string& prefix, const std::string& suffix,
                                   ParameterLayout* layout) {
  const Index H = hidden_size_, GH = GateCount(cell_) * H;
  const Initialiser ones{.kind = Initialiser::Kind::kBlockConstant, .value = 1};
  gain_ih_ = layout->Add(prefix + ".gain_ih" + suffix, {GH}, ones);
  gain_hh_ = last_ = layout->Add(prefix + ".gain_hh" + suffix, {GH}, ones);
  if (!HasMemory(cell_)) return;
  gain_cell_ = layout->Add(prefix + ".gain_cell" + suffix, {H}, ones);
  bias_cell_ = last_ = layout->Add(prefix + ".bias_cell" + suffix, {H}, {});
}

ElementRange RecurrentParameters::Elements() const {
  const ParameterInfo& last = (*layout_)[last_];
  return {OffsetOf(weight_ih_), last.offset + last.count()};
}

template <typename S>
void RecurrentParameters::SetValues(const S* values, DirectionArrays<S>* arrays) const {
  const auto at = [&](ParameterId id) { return values + OffsetOf(id); };
  arrays->weight_ih = at(weight_ih_);
  arrays->weight_hh = at(weight_hh_);
  arrays->bias_ih = at(bias_ih_);
  arrays->bias_hh = at(bias_hh_);
  if (!IsNormalised(cell_)) return;
  arrays->norm.gain_ih = at(gain_ih_);
  arrays->norm.gain_hh = at(gain_hh_);
  if (!HasMemory(cell_)) return;
  arrays->norm.gain_cell = at(gain_cell_);
  arrays->norm.bias_cell = at(bias_cell_);
}

template <typename S>
void RecurrentParameters::SetGradients(S* gradient, DirectionArrays<S>* arrays) const {
  const auto at = [&](ParameterId id) { return gradient + OffsetOf(id); };
  arrays->d_weight_ih = at(weight_ih_);
  arrays->d_weight_hh = at(weight_hh_);
  arrays->d_bias_ih = at(bias_ih_);
  arrays->d_bias_hh = at(bias_hh_);
  if (!IsNormalised(cell_)) return;
  arrays->norm.d_gain_ih = at(gain_ih_);
  arrays->norm.d_gain_hh = at(gain_hh_);
  if (!HasMemory(cell_)) return;
  arrays->norm.d_gain_cell = at(gain_cell_);
  arrays->norm.d_bias_cell = at(bias_cell_);
}

template void RecurrentParameters::SetValues(const float*, DirectionArrays<float>*) const;
template void RecurrentParameters::SetValues(const double*, DirectionArrays<double>*) const;
template void RecurrentParameters::SetGradients(float*, DirectionArrays<float>*) const;
template void RecurrentParameters::SetGradients(double*, DirectionArrays<double>*) const;

}  // namespace lockstep
