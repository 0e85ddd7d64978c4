// A model that writes a target of its own length, such as a sentence in another language: an
// encoder reads the source, a decoder (layers/decoder.h) the target up to the step before and what
// it attends to, and output layers with a softmax score the id of each step. A pooled row of the
// source's features (layers/pooling.h) is where the decoder starts from.
//
// The batches have a target field with Alignment::kOwnSteps. What the decoder reads at step t is
// the target of step t - 1, and at t = 0 Vocabulary::start, which is not stored.
//
// Parameters in forward order: those of the encoder, of the pooling, of the decoder, of the output
// layers. With tied embeddings, the weight of the output is the embedding of the target; with one
// vocabulary for both sides it is that of the source, too.
#pragma once

#include <optional>

#include "worker/heads/heads.h"
#include "worker/heads/output_layers.h"
#include "worker/layers/decoder.h"
#include "worker/layers/pooling.h"
#include "worker/models/model.h"

namespace lockstep {

template <typename S>
class EncoderDecoderModel : public Model<S> {
 public:
  // `schema` describes the batches. UsageError if the options do not fit it.
  EncoderDecoderModel(const EncoderOptions& encoder, const DecoderOptions& decoder,
                      const HeadOptions& head, const Schema& schema);

  StepSums ForwardBackward(const SlotBatch& batch, const DropoutKey& key, const S* values,
                           S* gradient, Workspace* workspace, PassObserver* observer = nullptr,
                           const CarriedStates<S>& carried = {}) const override;
  StepSums Evaluate(const SlotBatch& batch, const S* values, Workspace* workspace,
                    PassObserver* observer = nullptr,
                    const CarriedStates<S>& carried = {}) const override;
  Scores<S> Score(const SlotBatch& batch, const S* values, Workspace* workspace,
                  PassObserver* observer = nullptr,
                  const CarriedStates<S>& carried = {}) const override;
  std::unique_ptr<TokenStepper<S>> OpenTokenStepper(const S* values,
                                                    const SlotBounds& source_bounds,
                                                    Index most_rows) const override;
  Index score_width() const override { return output_->output_size(); }
  Alignment score_alignment() const override { return Alignment::kOwnSteps; }

  std::vector<ElementRange> GradientStages() const override;
  Index WorkspaceBytes(const SlotBounds& bounds) const override;
  Index ScoreBytes(const SlotBounds& bounds) const override;
  double Flops(Index sequences, Index steps, Index target_steps) const override;
  double UntrainedLoss() const override { return loss_->UntrainedLoss(); }
  std::span<const char* const> counts() const override { return loss_->counts(); }
  std::vector<TaskMetric> metrics() const override;
  bool labels_must_fit() const override { return false; }
  RowTable row_table() const override { return row_table_; }

  // What a stepper computes with.
  const Encoder<S>& encoder() const { return *encoder_; }
  const Pooling<S>& pooling() const { return *pooling_; }
  const Decoder<S>& decoder() const { return *decoder_; }
  const OutputLayers<S>& output() const { return *output_; }

 private:
  // What the encoder has made of the sources; in the workspace.
  struct Read {
    typename Encoder<S>::Saved encoder;
    typename Pooling<S>::Saved pooling;
    S* pooled = nullptr;  // [sequences, P]
    DecoderSource<S> source() const { return {encoder.features(), pooled}; }
  };
  const FieldBatch& TargetOf(const SlotBatch& batch) const { return batch.fields[target_]; }
  ElementRange BridgeElements() const;
  ElementRange HeadElements() const { return {output_->first_element(), output_->end_element()}; }
  std::int32_t* TakePrevious(const FieldBatch& target, Workspace* workspace) const;
  void Sample(const DecoderSlot& slot, const Read& read, const DropoutKey& key, const S* values,
              std::int32_t* previous, Workspace* workspace, PassObserver* observer) const;
  Read ReadSources(const SlotBatch& batch, const DropoutKey* key, const S* values,
                   Workspace* workspace, PassObserver* observer) const;
  typename Decoder<S>::Saved ReadTargets(const SlotBatch& batch, const S* values,
                                         Workspace* workspace, PassObserver* observer) const;
  double BackwardSources(const SlotBatch& batch, const DropoutKey& key, const Read& read,
                         const S* values, const typename Decoder<S>::SourceGradient& d_source,
                         S* gradient, Workspace* workspace, PassObserver* observer) const;
  void CountNgrams(const SlotBatch& batch, const S* values, PassObserver* observer) const;
  SlotBounds TargetBounds(const SlotBounds& bounds) const;
  Index KeptBytes(const SlotBounds& bounds) const;
  Index ScratchBytes(const SlotBounds& bounds) const;

  DecoderOptions options_;
  std::size_t target_;
  std::int32_t start_;
  std::int32_t end_;
  std::optional<Encoder<S>> encoder_;
  std::optional<Pooling<S>> pooling_;
  std::optional<Decoder<S>> decoder_;
  std::optional<OutputLayers<S>> output_;
  std::unique_ptr<RowLoss<S>> loss_;
  RowTable row_table_;
};

}  // namespace lockstep
