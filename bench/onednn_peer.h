// The peer that runs oneDNN's RNN primitives: one primitive per layer and pass, stacked by hand.
#pragma once

#include <array>
#include <dnnl.hpp>
#include <unordered_map>
#include <vector>

#include "bench/layer_problem.h"
#include "bench/onednn_rnn.h"

namespace lockstep {

// An array in two layouts: the one in which a trainer would keep it (outer), and the one that a
// primitive needs (inner). If the layouts are equal, both are the same memory.
class RelaidArray {
 public:
  RelaidArray() = default;
  RelaidArray(const dnnl::memory& outer, const dnnl::memory::desc& inner,
              const dnnl::engine& engine);
  const dnnl::memory& inner() const { return inner_; }
  void CopyIn(const dnnl::stream& stream);
  void CopyOut(const dnnl::stream& stream);

 private:
  dnnl::memory outer_, inner_;
  dnnl::reorder in_, out_;
};

class OnednnPeer {
 public:
  // The problem must outlive the peer.
  explicit OnednnPeer(const LayerProblem& problem);

  // Runs one training step: converts the weights to the layouts of both passes, forward, sets the
  // weight gradients to zero (oneDNN adds to them), backward, converts the weight gradients to the
  // trainer's layout.
  void Step();
  // The results of the last step, converted to Lockstep's layout; valid until the next call.
  StepResult Result();

 private:
  struct Layer {
    RnnPrimitives primitives;
    dnnl::memory x, y, d_x, d_y, bias, d_bias, workspace;
    // States before the first and after the last step, [D, B, H]. The second of a pair is the
    // LSTM's cell state. The zero state is also used as the gradient of the last state.
    dnnl::memory zero_state;
    std::array<dnnl::memory, 2> last_state, d_first_state;
    std::array<dnnl::memory, 2> weights, d_weights;  // by WeightKind, in the trainer's layout
    std::array<RelaidArray, 2> forward_weights, backward_weights, backward_d_weights;
  };
  Layer MakeLayer(Index k, const dnnl::memory& x);
  void MakeWeights(Index k, Layer* layer);
  void Forward(Layer* layer);
  void Backward(Layer* layer);

  const LayerProblem& problem_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  std::vector<Layer> layers_;
  AlignedBuffer<float> gradient_;  // flat, for Result
};

}  // namespace lockstep
