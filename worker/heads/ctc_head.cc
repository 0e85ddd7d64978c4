#include "worker/heads/ctc_head.h"

#include <array>
#include <cmath>

#include "worker/losses/ctc_loss.h"

namespace lockstep {

template <typename S>
CtcHead<S>::CtcHead(std::size_t target, const DenseShape& dense, Index classes,
                    ParameterLayout* layout)
    : target_(target), output_(dense, classes, layout) {}

template <typename S>
ElementRange CtcHead<S>::Elements() const {
  return {output_.first_element(), output_.end_element()};
}

template <typename S>
typename OutputLayers<S>::Saved CtcHead<S>::Forward(const SlotBatch& batch, const DropoutKey* key,
                                                    const S* values, S* x, Workspace* workspace,
                                                    PassObserver* observer) const {
  Need(Elements(), observer);
  Enter(Phase::kHead, observer);
  return output_.Forward(batch.layout.rows(), x, values, key, workspace);
}

template <typename S>
StepSums CtcHead<S>::ForwardBackward(const SlotBatch& batch, const DropoutKey& key, const S* values,
                                     S* x, S* d_x, S* gradient, Workspace* workspace,
                                     PassObserver* observer) const {
  const Index mark = workspace->used_bytes(), rows = batch.layout.rows();
  const auto saved = Forward(batch, &key, values, x, workspace, observer);
  Enter(Phase::kLoss, observer);
  const FieldBatch& labels = batch.fields[target_];
  const StepSums sums =
      CtcLoss<S>(batch.layout, labels.ids, labels.offsets, score_width(), saved.outputs, workspace);
  Enter(Phase::kHead, observer);
  output_.Backward(rows, saved, values, &key, d_x, gradient, workspace, [&] {
    Done(Elements(), observer);
    Enter(Phase::kHead, observer);
  });
  workspace->Rewind(mark);
  return sums;
}

template <typename S>
StepSums CtcHead<S>::Evaluate(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                              PassObserver* observer) const {
  const Index mark = workspace->used_bytes();
  const auto saved = Forward(batch, nullptr, values, x, workspace, observer);
  const FieldBatch& labels = batch.fields[target_];
  const StepSums sums = CtcLossOnly<S>(batch.layout, labels.ids, labels.offsets, score_width(),
                                       saved.outputs, workspace);
  workspace->Rewind(mark);
  return sums;
}

template <typename S>
Scores<S> CtcHead<S>::Score(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                            PassObserver* observer) const {
  const auto saved = Forward(batch, nullptr, values, x, workspace, observer);
  return {saved.outputs, batch.layout.rows(), score_width(), Alignment::kStep};
}

template <typename S>
Index CtcHead<S>::WorkspaceBytes(const SlotBounds& bounds) const {
  return output_.WorkspaceBytes(bounds.rows) +
         CtcWorkspaceBytes(bounds.steps, bounds.longest[target_], score_width());
}

template <typename S>
double CtcHead<S>::UntrainedLoss() const {
  return std::log(static_cast<double>(score_width()));
}

template <typename S>
std::span<const char* const> CtcHead<S>::counts() const {
  static constexpr std::array<const char*, 1> kNames = {"correct"};
  return kNames;
}

template class CtcHead<float>;
template class CtcHead<double>;

}  // namespace lockstep
