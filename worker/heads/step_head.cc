#include "worker/heads/step_head.h"

namespace lockstep {

template <typename S>
StepHead<S>::StepHead(const DenseShape& dense, std::unique_ptr<StepLoss<S>> loss,
                      ParameterLayout* layout, std::optional<ParameterId> tied_weight)
    : loss_(std::move(loss)), output_(dense, loss_->width(), layout, tied_weight) {}

template <typename S>
ElementRange StepHead<S>::Elements() const {
  return {output_.first_element(), output_.end_element()};
}

template <typename S>
StepSums StepHead<S>::ForwardBackward(const SlotBatch& batch, const DropoutKey& key,
                                      const S* values, S* x, S* d_x, S* gradient,
                                      Workspace* workspace, PassObserver* observer) const {
  const Index mark = workspace->used_bytes(), rows = batch.layout.rows();
  Need(Elements(), observer);
  Enter(Phase::kHead, observer);
  StepSums sums;
  const auto loss = [&](const RowBlock& block, S* outputs) {
    Enter(Phase::kLoss, observer);
    loss_->SetGradient(batch, block, outputs, workspace, &sums);
    Enter(Phase::kHead, observer);
  };
  const auto finished = [&] {
    Done(Elements(), observer);
    Enter(Phase::kHead, observer);
  };
  if (loss_->takes_blocks()) {
    output_.ForwardBackwardByBlocks(rows, x, values, &key, d_x, gradient, workspace, loss,
                                    finished);
  } else {
    const auto saved = output_.Forward(rows, x, values, &key, workspace);
    loss({0, rows}, saved.outputs);
    output_.Backward(rows, saved, values, &key, d_x, gradient, workspace, finished);
  }
  workspace->Rewind(mark);
  return sums;
}

template <typename S>
StepSums StepHead<S>::Evaluate(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                               PassObserver* observer) const {
  const Index mark = workspace->used_bytes(), rows = batch.layout.rows();
  Need(Elements(), observer);
  Enter(Phase::kHead, observer);
  StepSums sums;
  const auto loss = [&](const RowBlock& block, const S* outputs) {
    loss_->AddLoss(batch, block, outputs, workspace, &sums, TallyOf(observer));
  };
  if (loss_->takes_blocks()) {
    output_.ForwardByBlocks(rows, x, values, workspace, loss);
  } else {
    loss({0, rows}, output_.Forward(rows, x, values, nullptr, workspace).outputs);
  }
  workspace->Rewind(mark);
  return sums;
}

template <typename S>
Scores<S> StepHead<S>::Score(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                             PassObserver* observer) const {
  const Index rows = batch.layout.rows();
  Need(Elements(), observer);
  Enter(Phase::kHead, observer);
  const auto saved = output_.Forward(rows, x, values, nullptr, workspace);
  Scores<S> scores{saved.outputs, rows, score_width(), Alignment::kStep};
  if (!loss_->chooses_labels()) return scores;
  std::int32_t* const labels = workspace->Take<std::int32_t>(rows);
  loss_->ChooseLabels(batch.layout, saved.outputs, labels, workspace);
  scores.labels = labels;
  return scores;
}

template <typename S>
Scores<S> StepHead<S>::ScoreRows(Index rows, const PackedMatrix<S>& output, const S* values, S* x,
                                 Workspace* workspace) const {
  S* const outputs = workspace->Take<S>(rows * score_width());
  output_.ForwardPacked(rows, x, output, values, outputs, workspace);
  return {outputs, rows, score_width(), Alignment::kStep};
}

template class StepHead<float>;
template class StepHead<double>;

}  // namespace lockstep
