#include "bench/onednn_rnn.h"

#include "base/error.h"

namespace lockstep {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

constexpr dnnl::prop_kind kForward = dnnl::prop_kind::forward_training;
constexpr dnnl::prop_kind kBackward = dnnl::prop_kind::backward;

// The arrays that a layer reads and sets; `iter` are the states before the first and after the last
// step. oneDNN allows to leave out the states, but version 2.6.3 then computes a wrong gradient of
// the recurrent weights for LSTM and Elman layers with one direction (compare uxlfoundation/oneDNN
// issue 1436).
struct RnnShapes {
  memory::desc x, y, weights_layer, weights_iter, bias, iter;
  dnnl::rnn_direction direction;
};

RnnShapes ShapesOf(const LayerCase& c, Index layer) {
  const Index D = c.directions, I = c.InputSizeOf(layer), H = c.hidden_size, G = GateCount(c.cell);
  const auto f32 = memory::data_type::f32;
  RnnShapes s;
  s.x = memory::desc({c.steps, c.sequences, I}, f32, Tag::tnc);
  s.y = memory::desc({c.steps, c.sequences, D * H}, f32, Tag::tnc);
  s.weights_layer = memory::desc({1, D, I, G, H}, f32, Tag::any);
  s.weights_iter = memory::desc({1, D, H, G, H}, f32, Tag::any);
  s.iter = memory::desc({1, D, c.sequences, H}, f32, Tag::ldnc);
  s.bias = memory::desc({1, D, OnednnBiasCount(c.cell), H}, f32, Tag::ldgo);
  s.direction = D == 2 ? dnnl::rnn_direction::bidirectional_concat
                       : dnnl::rnn_direction::unidirectional_left2right;
  return s;
}

template <typename Forward, typename Backward>
RnnPrimitives Create(const typename Forward::desc& forward, const typename Backward::desc& backward,
                     const dnnl::engine& engine) {
  const typename Forward::primitive_desc forward_desc(forward, engine);
  const typename Backward::primitive_desc backward_desc(backward, engine, forward_desc);
  return {forward_desc, backward_desc, Forward(forward_desc), Backward(backward_desc)};
}

RnnPrimitives MakeElman(const RnnShapes& s, const dnnl::engine& engine) {
  const auto tanh = dnnl::algorithm::eltwise_tanh;
  const dnnl::vanilla_rnn_forward::desc forward(kForward, tanh, s.direction, s.x, s.iter,
                                                s.weights_layer, s.weights_iter, s.bias, s.y,
                                                s.iter);
  const dnnl::vanilla_rnn_backward::desc backward(
      kBackward, tanh, s.direction, s.x, s.iter, s.weights_layer, s.weights_iter, s.bias, s.y,
      s.iter, s.x, s.iter, s.weights_layer, s.weights_iter, s.bias, s.y, s.iter);
  return Create<dnnl::vanilla_rnn_forward, dnnl::vanilla_rnn_backward>(forward, backward, engine);
}

RnnPrimitives MakeGru(const RnnShapes& s, const dnnl::engine& engine) {
  const dnnl::lbr_gru_forward::desc forward(kForward, s.direction, s.x, s.iter, s.weights_layer,
                                            s.weights_iter, s.bias, s.y, s.iter);
  const dnnl::lbr_gru_backward::desc backward(kBackward, s.direction, s.x, s.iter, s.weights_layer,
                                              s.weights_iter, s.bias, s.y, s.iter, s.x, s.iter,
                                              s.weights_layer, s.weights_iter, s.bias, s.y, s.iter);
  return Create<dnnl::lbr_gru_forward, dnnl::lbr_gru_backward>(forward, backward, engine);
}

RnnPrimitives MakeLstm(const RnnShapes& s, const dnnl::engine& engine) {
  const dnnl::lstm_forward::desc forward(kForward, s.direction, s.x, s.iter, s.iter,
                                         s.weights_layer, s.weights_iter, s.bias, s.y, s.iter,
                                         s.iter);
  const dnnl::lstm_backward::desc backward(kBackward, s.direction, s.x, s.iter, s.iter,
                                           s.weights_layer, s.weights_iter, s.bias, s.y, s.iter,
                                           s.iter, s.x, s.iter, s.iter, s.weights_layer,
                                           s.weights_iter, s.bias, s.y, s.iter, s.iter);
  return Create<dnnl::lstm_forward, dnnl::lstm_backward>(forward, backward, engine);
}

}  // namespace

Index OnednnBiasCount(CellKind cell) {
  return cell == CellKind::kGru ? GateCount(cell) + 1 : GateCount(cell);
}

RnnPrimitives MakeRnnPrimitives(const LayerCase& c, Index layer, const dnnl::engine& engine) {
  const RnnShapes shapes = ShapesOf(c, layer);
  switch (c.cell) {
    case CellKind::kGru:
      return MakeGru(shapes, engine);
    case CellKind::kLstm:
      return MakeLstm(shapes, engine);
    case CellKind::kRnnTanh:
      return MakeElman(shapes, engine);
    default:
      break;
  }
  throw UsageError("oneDNN has no cell \"{}\"; take gru, lstm or rnn_tanh", CellName(c.cell));
}

}  // namespace lockstep
