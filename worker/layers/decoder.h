// The decoder of a model that writes a target of its own length: recurrent layers that read the
// target up to the step before, and what they attend to in the source. For target step t,
//   x_t = E(y_(t-1))                      y_0 is the id that stands before the first symbol
//   h_t = recurrent layers(x_t, h_(t-1)),  h_0 from the source (state_bridge.h)
//   c_t = attention of h_t to the source (attention.h)
//   v_t = tanh(W [c_t; h_t] + b)           the vectors that the head reads
// as in Luong et al. 2015 (arXiv:1508.04025, equations 5 to 7). In two variants x_t has further
// columns:
//   input feeding       x_t = [E(y_(t-1)); v_(t-1)], v_0 = 0 (section 3.3): what was attended to is
//                       known to the layers, which therefore are walked step by step
//   without attention   x_t = [E(y_(t-1)); p], c_t = p (Cho et al. 2014, arXiv:1406.1078, section
//                       2.2), where p is what is known of the source as a whole
//
// Parameters in forward order: bridge.*, decoder.embedding.weight, decoder.*_l{k}, attention.*,
// attention.output.weight [V, C + H], attention.output.bias [V].
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "worker/layers/decoder_input.h"
#include "worker/layers/decoder_stack.h"
#include "worker/layers/target_attention.h"

namespace lockstep {

// The configuration of a decoder beside what it has in common with the encoder (EncoderOptions):
// cell, hidden_size, embedding, dropouts, residual.
struct DecoderOptions {
  Index layers = 0;  // recurrent layers; 0: as many as the encoder
  AttentionKind attention = AttentionKind::kDot;
  bool input_feeding = false;
  // Probability with which training lets a step read what the model itself finds most probable for
  // the step before, in place of the target (scheduled sampling, Bengio et al. 2015,
  // arXiv:1506.03099); [0, 1].
  double sampling = 0;
  Index sampling_steps = 0;  // training steps in which it grows from 0; 0: it is constant
  // True: Evaluate also writes each target by greedy search, and counts the n-grams that it shares
  // with the one that was wanted, for the metric "bleu" (worker/losses/bleu_metric.h).
  bool counts_ngrams = false;

  bool operator==(const DecoderOptions&) const = default;
};

// Sizes that follow from the other parts of a model.
struct DecoderShape {
  Index ids = 0;                                     // of the target
  Index source_width = 0;                            // D, of the features of the source
  Index pooled_width = 0;                            // P
  Index vector_width = 0;                            // V
  std::optional<ParameterId> shared_embedding = {};  // [ids, embedding_size]; empty: its own
};

template <typename S>
class Decoder {
 public:
  // Declares its parameters at the end of the layout, which must outlive it. UsageError if the
  // options do not go together.
  Decoder(const EncoderOptions& common, const DecoderOptions& options, const DecoderShape& shape,
          ParameterLayout* layout);
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  bool has_attention() const { return attention_.has_value(); }
  bool feeds_input() const { return options_.input_feeding; }
  Index vector_width() const { return output_.output_size(); }                         // V
  Index context_width() const { return output_.input_size() - stack_.hidden_size(); }  // C
  // What a stepper computes with.
  const DecoderInput<S>& input() const { return input_; }
  const StateBridge<S>& bridge() const { return bridge_; }
  const DecoderStack<S>& stack() const { return stack_; }
  const TargetAttention<S>* attention() const { return attention_ ? &*attention_ : nullptr; }
  const LinearLayer<S>& output() const { return output_; }

  // What Backward needs; in the workspace.
  struct Saved {
    typename StateBridge<S>::Saved bridge;
    typename DecoderStack<S>::Saved stack;
    typename TargetAttention<S>::Saved attention;
    S* joined = nullptr;    // [rows, C + H]: [c_t; h_t]
    S* vectors = nullptr;   // [rows, V]: v_t
    S* features = nullptr;  // [rows, V]: the same, with dropout
  };
  // The slot has at least one target. `key` determines the masks; null: no dropout.
  Saved Forward(const DecoderSlot& slot, const DecoderSource<S>& source, const DropoutKey* key,
                const S* values, Workspace* workspace, PassObserver* observer) const;
  // The gradients of what the decoder reads of the source; set.
  struct SourceGradient {
    S* d_features = nullptr;  // [source rows, D]; only with attention
    S* d_pooled = nullptr;    // [sources, P]
  };
  // Reads d_features [rows, V], which it destroys; adds to the flat gradient.
  void Backward(const DecoderSlot& slot, const DecoderSource<S>& source, const DropoutKey& key,
                const Saved& saved, const S* values, S* d_features, const SourceGradient& d_source,
                S* gradient, Workspace* workspace, PassObserver* observer) const;

  // Appends the ranges of the flat gradient in the order in which Backward finishes them.
  void AddStages(std::vector<ElementRange>* stages) const;
  // Upper bounds of workspace bytes for sources and targets within bounds.
  Index KeptBytes(const SlotBounds& source, const SlotBounds& target) const;
  Index ScratchBytes(const SlotBounds& source, const SlotBounds& target) const;
  // Floating-point operations of forward and backward; a row attends to `source_steps` steps.
  double FlopsPerSourceStep() const;
  double FlopsPerStep(double source_steps) const;
  double FlopsPerSequence() const { return bridge_.FlopsPerSequence(); }

 private:
  Index joined_width() const { return output_.input_size(); }
  S* JoinedRows(const DecoderSlot& slot, const Saved& saved, Index t) const;
  void JoinContext(const DecoderSlot& slot, const S* pooled, S* rows, Index width,
                   Index column) const;
  void AddContextGradient(const DecoderSlot& slot, const S* d_rows, Index width, Index column,
                          S* d_pooled) const;
  void JoinStates(Index rows, const S* states, S* joined) const;
  void TakeStates(Index rows, const S* d_joined, S* d_states) const;
  void Walk(const DecoderSlot& slot, const S* values, S* x, Saved* saved, Workspace* workspace,
            PassObserver* observer) const;
  void Drop(const DecoderSlot& slot, const DropoutKey& key, S* x) const;
  S* BackwardAtOnce(const DecoderSlot& slot, const DropoutKey& key, const Saved& saved,
                    const S* values, S* d_vectors, S* d_joined, const SourceGradient& d_source,
                    S* gradient, Workspace* workspace, PassObserver* observer) const;
  S* BackwardStepByStep(const DecoderSlot& slot, const Saved& saved, const S* values, S* d_vectors,
                        S* d_joined, const SourceGradient& d_source, S* gradient,
                        Workspace* workspace, PassObserver* observer) const;

  EncoderOptions common_;
  DecoderOptions options_;
  StateBridge<S> bridge_;
  DecoderInput<S> input_;
  DecoderStack<S> stack_;
  std::optional<TargetAttention<S>> attention_;
  LinearLayer<S> output_;
};

}  // namespace lockstep
