// The token stepper of an encoder-decoder model. All hypotheses of all sources are the rows of one
// step of the decoder; weights are packed once, when the stepper is made.
#pragma once

#include <vector>

#include "worker/models/encoder_decoder_model.h"

namespace lockstep {

template <typename S>
class EncoderDecoderStepper : public TokenStepper<S> {
 public:
  // The model and `values` must outlive it.
  EncoderDecoderStepper(const EncoderDecoderModel<S>* model, const S* values,
                        const SlotBounds& source_bounds, Index most_rows);

  Index classes() const override { return model_.output().output_size(); }
  void Begin(const SlotBatch& source) override;
  std::span<const S> Step(std::span<const Index> previous,
                          std::span<const std::int32_t> tokens) override;
  std::span<const S> Attention(Index row) const override;

 private:
  static Index BytesFor(const EncoderDecoderModel<S>& model, const SlotBounds& source, Index rows);
  void OpenLoops();
  void OpenAttention();
  void BeginStates(const SlotBatch& source, const S* pooled);
  DecoderSlot SlotOf(std::span<const std::int32_t> tokens) const {
    return {sources_, rows_, source_of_, tokens};
  }
  void GoOnFrom(std::span<const Index> previous);
  void JoinInput(std::span<const Index> previous);
  void JoinOutput(const DecoderSlot& slot);

  const EncoderDecoderModel<S>& model_;
  const S* values_;
  Index most_rows_, most_steps_;
  Workspace workspace_;
  Index opened_bytes_ = 0;  // what stays in the workspace from source to source
  PackedLayout sources_;
  PackedLayout rows_;             // one step of as many sequences as there are hypotheses
  std::vector<Index> source_of_;  // [rows]: the source of each hypothesis
  std::vector<Index> scratch_;

  // In the workspace. Arrays have room for `most_rows_` rows.
  typename StateBridge<S>::Saved initial_;
  typename DecoderStack<S>::Saved stack_;
  typename DecoderStack<S>::ForwardLoop layers_;
  typename TargetAttention<S>::Saved attention_;
  typename TargetAttention<S>::ForwardLoop attending_;
  PackedMatrix<S> output_weight_, head_weight_;
  S* x_ = nullptr;
  S* joined_ = nullptr;
  S* vectors_ = nullptr;
  S* logits_ = nullptr;
  const S* pooled_ = nullptr;  // [sources, P]
};

}  // namespace lockstep
