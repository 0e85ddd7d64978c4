#include "worker/heads/step_head.h"

namespace lockstep {

template <typename S>
StepHead<S>::StepHead(const DenseShape& dense, std::unique_ptr<StepLoss<S>> loss,
                      ParameterLayout* layout)
    : loss_(std::move(loss)), output_(dense, loss_->width(), layout) {}

template <typename S>
ElementRange StepHead<S>::Elements() const {
  return {output_.first_element(), output_.end_element()};
}

template <typename S>
typename OutputLayers<S>::Saved StepHead<S>::Forward(const SlotBatch& batch, const DropoutKey* key,
                                                     const S* values, S* x, Workspace* workspace,
                                                     PassObserver* observer) const {
  Need(Elements(), observer);
  Enter(Phase::kHead, observer);
  return output_.Forward(batch.layout.rows(), x, values, key, workspace);
}

template <typename S>
StepSums StepHead<S>::ForwardBackward(const SlotBatch& batch, const DropoutKey& key,
                                      const S* values, S* x, S* d_x, S* gradient,
                                      Workspace* workspace, PassObserver* observer) const {
  const Index mark = workspace->used_bytes(), rows = batch.layout.rows();
  const auto saved = Forward(batch, &key, values, x, workspace, observer);
  Enter(Phase::kLoss, observer);
  const StepSums sums = loss_->Gradient(batch, saved.outputs, workspace);
  Enter(Phase::kHead, observer);
  output_.Backward(rows, saved, values, &key, d_x, gradient, workspace, [&] {
    Done(Elements(), observer);
    Enter(Phase::kHead, observer);
  });
  workspace->Rewind(mark);
  return sums;
}

template <typename S>
StepSums StepHead<S>::Evaluate(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                               PassObserver* observer) const {
  const Index mark = workspace->used_bytes();
  const auto saved = Forward(batch, nullptr, values, x, workspace, observer);
  const StepSums sums = loss_->Loss(batch, saved.outputs, workspace, TallyOf(observer));
  workspace->Rewind(mark);
  return sums;
}

template <typename S>
Scores<S> StepHead<S>::Score(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                             PassObserver* observer) const {
  const auto saved = Forward(batch, nullptr, values, x, workspace, observer);
  return {saved.outputs, batch.layout.rows(), score_width(), Alignment::kStep};
}

template class StepHead<float>;
template class StepHead<double>;

}  // namespace lockstep
