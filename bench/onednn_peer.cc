#include "bench/onednn_peer.h"

#include <algorithm>

#include "bench/onednn_weights.h"

namespace lockstep {
namespace {

using dnnl::memory;

constexpr std::array<WeightKind, 2> kWeightKinds = {WeightKind::kInput, WeightKind::kRecurrent};
constexpr std::array<int, 2> kWeightArguments = {DNNL_ARG_WEIGHTS_LAYER, DNNL_ARG_WEIGHTS_ITER};
constexpr std::array<int, 2> kGradientArguments = {DNNL_ARG_DIFF_WEIGHTS_LAYER,
                                                   DNNL_ARG_DIFF_WEIGHTS_ITER};

memory::desc DescOf(const dnnl::primitive_desc_base& primitive, int argument) {
  return primitive.query_md(dnnl::query::exec_arg_md, argument);
}

float* Data(const memory& m) { return static_cast<float*>(m.get_data_handle()); }

std::span<float> Floats(const memory& m) {
  return {Data(m), m.get_desc().get_size() / sizeof(float)};
}

void Zero(const memory& m) {
  std::fill_n(static_cast<char*>(m.get_data_handle()), m.get_desc().get_size(), 0);
}

}  // namespace

RelaidArray::RelaidArray(const memory& outer, const memory::desc& inner, const dnnl::engine& engine)
    : outer_(outer), inner_(outer) {
  if (inner == outer.get_desc()) return;
  inner_ = memory(inner, engine);
  in_ = dnnl::reorder(outer_, inner_);
  // Packed layouts have no way back; only weights have them, never gradients.
  if (inner.data.format_kind != dnnl_format_kind_rnn_packed) out_ = dnnl::reorder(inner_, outer_);
}

void RelaidArray::CopyIn(const dnnl::stream& stream) {
  if (in_) in_.execute(stream, {{DNNL_ARG_FROM, outer_}, {DNNL_ARG_TO, inner_}});
}

void RelaidArray::CopyOut(const dnnl::stream& stream) {
  if (out_) out_.execute(stream, {{DNNL_ARG_FROM, inner_}, {DNNL_ARG_TO, outer_}});
}

OnednnPeer::OnednnPeer(const LayerProblem& problem)
    : problem_(problem),
      engine_(dnnl::engine::kind::cpu, 0),
      stream_(engine_),
      gradient_(problem.layout.size()) {
  memory x;
  for (Index k = 0; k < problem.shape.layers; ++k) {
    layers_.push_back(MakeLayer(k, x));
    x = layers_.back().y;
    if (k > 0) layers_[static_cast<std::size_t>(k - 1)].d_y = layers_.back().d_x;
  }
  std::ranges::copy(problem.x.span(), Data(layers_.front().x));
  layers_.back().d_y = memory(layers_.back().y.get_desc(), engine_);
  std::ranges::copy(problem.d_y.span(), Data(layers_.back().d_y));
}

// An empty `x` is replaced by an array of the layer's own.
OnednnPeer::Layer OnednnPeer::MakeLayer(Index k, const memory& x) {
  Layer layer;
  layer.primitives = MakeRnnPrimitives(problem_.shape, k, engine_);
  const auto make = [&](int argument) {
    const memory made(DescOf(layer.primitives.backward_desc, argument), engine_);
    Zero(made);  // also so that no step pays for the first touch of a page
    return made;
  };
  layer.x = x ? x : make(DNNL_ARG_SRC_LAYER);
  layer.y = make(DNNL_ARG_DST_LAYER);
  layer.d_x = make(DNNL_ARG_DIFF_SRC_LAYER);
  layer.bias = make(DNNL_ARG_BIAS);
  layer.d_bias = make(DNNL_ARG_DIFF_BIAS);
  layer.zero_state = make(DNNL_ARG_SRC_ITER);
  for (memory& state : layer.last_state) state = make(DNNL_ARG_SRC_ITER);
  for (memory& state : layer.d_first_state) state = make(DNNL_ARG_SRC_ITER);
  layer.workspace = make(DNNL_ARG_WORKSPACE);
  BiasToOnednn(problem_, k, Data(layer.bias));
  MakeWeights(k, &layer);
  return layer;
}

void OnednnPeer::MakeWeights(Index k, Layer* layer) {
  const RnnPrimitives& p = layer->primitives;
  for (std::size_t w = 0; w < 2; ++w) {
    const memory::dims dims = DescOf(p.forward_desc, kWeightArguments[w]).dims();
    const memory::desc kept(dims, memory::data_type::f32, memory::format_tag::ldigo);
    layer->weights[w] = memory(kept, engine_);
    layer->d_weights[w] = memory(kept, engine_);
    WeightsToOnednn(problem_, k, kWeightKinds[w], Data(layer->weights[w]));
    const auto relaid = [&](const memory& m, const dnnl::primitive_desc_base& desc, int argument) {
      return RelaidArray(m, DescOf(desc, argument), engine_);
    };
    layer->forward_weights[w] = relaid(layer->weights[w], p.forward_desc, kWeightArguments[w]);
    layer->backward_weights[w] = relaid(layer->weights[w], p.backward_desc, kWeightArguments[w]);
    layer->backward_d_weights[w] =
        relaid(layer->d_weights[w], p.backward_desc, kGradientArguments[w]);
  }
}

void OnednnPeer::Step() {
  for (Layer& layer : layers_) Forward(&layer);
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) Backward(&*layer);
  stream_.wait();
}

void OnednnPeer::Forward(Layer* layer) {
  for (RelaidArray& weights : layer->forward_weights) weights.CopyIn(stream_);
  layer->primitives.forward.execute(stream_,
                                    {{DNNL_ARG_SRC_LAYER, layer->x},
                                     {DNNL_ARG_WEIGHTS_LAYER, layer->forward_weights[0].inner()},
                                     {DNNL_ARG_WEIGHTS_ITER, layer->forward_weights[1].inner()},
                                     {DNNL_ARG_BIAS, layer->bias},
                                     {DNNL_ARG_DST_LAYER, layer->y},
                                     {DNNL_ARG_SRC_ITER, layer->zero_state},
                                     {DNNL_ARG_SRC_ITER_C, layer->zero_state},
                                     {DNNL_ARG_DST_ITER, layer->last_state[0]},
                                     {DNNL_ARG_DST_ITER_C, layer->last_state[1]},
                                     {DNNL_ARG_WORKSPACE, layer->workspace}});
}

void OnednnPeer::Backward(Layer* layer) {
  for (RelaidArray& weights : layer->backward_weights) weights.CopyIn(stream_);
  for (RelaidArray& gradient : layer->backward_d_weights) Zero(gradient.inner());
  Zero(layer->d_bias);
  layer->primitives.backward.execute(
      stream_, {{DNNL_ARG_SRC_LAYER, layer->x},
                {DNNL_ARG_WEIGHTS_LAYER, layer->backward_weights[0].inner()},
                {DNNL_ARG_WEIGHTS_ITER, layer->backward_weights[1].inner()},
                {DNNL_ARG_BIAS, layer->bias},
                {DNNL_ARG_DST_LAYER, layer->y},
                {DNNL_ARG_SRC_ITER, layer->zero_state},
                {DNNL_ARG_SRC_ITER_C, layer->zero_state},
                {DNNL_ARG_DST_ITER, layer->last_state[0]},
                {DNNL_ARG_DST_ITER_C, layer->last_state[1]},
                {DNNL_ARG_DIFF_SRC_ITER, layer->d_first_state[0]},
                {DNNL_ARG_DIFF_SRC_ITER_C, layer->d_first_state[1]},
                {DNNL_ARG_DIFF_DST_ITER, layer->zero_state},
                {DNNL_ARG_DIFF_DST_ITER_C, layer->zero_state},
                {DNNL_ARG_WORKSPACE, layer->workspace},
                {DNNL_ARG_DIFF_SRC_LAYER, layer->d_x},
                {DNNL_ARG_DIFF_WEIGHTS_LAYER, layer->backward_d_weights[0].inner()},
                {DNNL_ARG_DIFF_WEIGHTS_ITER, layer->backward_d_weights[1].inner()},
                {DNNL_ARG_DIFF_BIAS, layer->d_bias},
                {DNNL_ARG_DIFF_DST_LAYER, layer->d_y}});
  for (RelaidArray& gradient : layer->backward_d_weights) gradient.CopyOut(stream_);
}

StepResult OnednnPeer::Result() {
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const Index index = static_cast<Index>(k);
    for (std::size_t w = 0; w < 2; ++w) {
      WeightsFromOnednn(problem_, index, kWeightKinds[w], Data(layers_[k].d_weights[w]),
                        gradient_.data());
    }
    BiasFromOnednn(problem_, index, Data(layers_[k].d_bias), gradient_.data());
  }
  return {.y = Floats(layers_.back().y),
          .d_x = Floats(layers_.front().d_x),
          .gradient = gradient_.span()};
}

}  // namespace lockstep
