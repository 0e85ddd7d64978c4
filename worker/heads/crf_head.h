// A head for one class per step that scores whole label sequences: a conditional random field on
// top of the encoder (Lample et al. 2016). It learns which labels follow each other, and obeys the
// order of labels in the vocabulary of the target (data/batch/label_order.h).
//
// Parameters after those of the output layers: head.transitions [C, C], the score of class j after
// class i at [i, j]; head.start [C]; head.end [C]. All begin with zero; those of forbidden
// transitions stay zero and are not used.
#pragma once

#include "worker/heads/head.h"
#include "worker/heads/output_layers.h"
#include "worker/losses/crf_loss.h"

namespace lockstep {

template <typename S>
class CrfHead : public Head<S> {
 public:
  // Declares its parameters at the end of the layout, which must outlive it. `target` is the index
  // of the target field.
  CrfHead(std::size_t target, const Schema& schema, const DenseShape& dense,
          ParameterLayout* layout);

  ElementRange Elements() const override;
  StepSums ForwardBackward(const SlotBatch& batch, const DropoutKey& key, const S* values, S* x,
                           S* d_x, S* gradient, Workspace* workspace,
                           PassObserver* observer) const override;
  StepSums Evaluate(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                    PassObserver* observer) const override;
  // The scores are the logarithms of the marginal probabilities, so that their softmax gives these
  // probabilities; the labels are those of the most probable label sequence. Where the classes are
  // tags of spans, the spans of these labels have their exact probabilities.
  Scores<S> Score(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                  PassObserver* observer) const override;
  Index score_width() const override { return rules_.classes; }
  Alignment score_alignment() const override { return Alignment::kStep; }
  Index WorkspaceBytes(const SlotBounds& bounds) const override;
  Index ScoreBytes(const SlotBounds& bounds) const override;
  double FlopsPerStep() const override { return output_.FlopsPerRow(); }
  double FlopsPerSequence() const override { return 0; }
  double UntrainedLoss() const override;
  std::span<const char* const> counts() const override;
  std::vector<TaskMetric> metrics() const override {
    if (spans_) return {SpanF1Metric()};
    return {MacroF1Metric(rules_.classes)};
  }

 private:
  typename OutputLayers<S>::Saved Forward(const SlotBatch& batch, const DropoutKey* key,
                                          const S* values, S* x, Workspace* workspace,
                                          PassObserver* observer) const;
  // The parameters of the field in a flat array of values or gradients (T is S or const S).
  template <typename T>
  CrfParameters<T> In(T* flat) const {
    return {flat + (*layout_)[transitions_].offset, flat + (*layout_)[start_].offset,
            flat + (*layout_)[end_].offset};
  }

  std::size_t target_;
  CrfRules rules_;
  std::optional<SpanTags> spans_;  // only where the classes are tags of spans
  const ParameterLayout* layout_;
  OutputLayers<S> output_;
  ParameterId transitions_, start_, end_;
};

}  // namespace lockstep
