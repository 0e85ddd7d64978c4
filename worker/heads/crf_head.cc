#include "worker/heads/crf_head.h"

#include <array>
#include <cmath>

#include "worker/losses/crf_marginals.h"

namespace lockstep {

template <typename S>
CrfHead<S>::CrfHead(std::size_t target, const Schema& schema, const DenseShape& dense,
                    ParameterLayout* layout)
    : target_(target),
      rules_(schema.IdsOf(schema.fields[target]), schema.VocabularyOf(schema.fields[target]).order),
      spans_(SpanTags::Of(schema.VocabularyOf(schema.fields[target]))),
      layout_(layout),
      output_(dense, rules_.classes, layout),
      transitions_(layout->Add("head.transitions", {rules_.classes, rules_.classes}, {})),
      start_(layout->Add("head.start", {rules_.classes}, {})),
      end_(layout->Add("head.end", {rules_.classes}, {})) {}

template <typename S>
ElementRange CrfHead<S>::Elements() const {
  const ParameterInfo& last = (*layout_)[end_];
  return {output_.first_element(), last.offset + last.count()};
}

template <typename S>
typename OutputLayers<S>::Saved CrfHead<S>::Forward(const SlotBatch& batch, const DropoutKey* key,
                                                    const S* values, S* x, Workspace* workspace,
                                                    PassObserver* observer) const {
  Need(Elements(), observer);
  Enter(Phase::kHead, observer);
  return output_.Forward(batch.layout.rows(), x, values, key, workspace);
}

template <typename S>
StepSums CrfHead<S>::ForwardBackward(const SlotBatch& batch, const DropoutKey& key, const S* values,
                                     S* x, S* d_x, S* gradient, Workspace* workspace,
                                     PassObserver* observer) const {
  const Index mark = workspace->used_bytes(), rows = batch.layout.rows();
  const auto saved = Forward(batch, &key, values, x, workspace, observer);
  Enter(Phase::kLoss, observer);
  const StepSums sums = CrfLoss<S>(batch.layout, batch.fields[target_].ids, rules_, In(values),
                                   saved.outputs, In(gradient), workspace);
  Enter(Phase::kHead, observer);
  output_.Backward(rows, saved, values, &key, d_x, gradient, workspace, [&] {
    Done(Elements(), observer);
    Enter(Phase::kHead, observer);
  });
  workspace->Rewind(mark);
  return sums;
}

template <typename S>
StepSums CrfHead<S>::Evaluate(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                              PassObserver* observer) const {
  const Index mark = workspace->used_bytes();
  const auto saved = Forward(batch, nullptr, values, x, workspace, observer);
  const StepSums sums =
      CrfLossOnly<S>(batch.layout, batch.fields[target_].ids, rules_, In(values), saved.outputs,
                     workspace, TallyOf(observer), spans_ ? &*spans_ : nullptr);
  workspace->Rewind(mark);
  return sums;
}

template <typename S>
Scores<S> CrfHead<S>::Score(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                            PassObserver* observer) const {
  const auto saved = Forward(batch, nullptr, values, x, workspace, observer);
  std::int32_t* const labels = workspace->Take<std::int32_t>(batch.layout.rows());
  S* const spans = spans_ ? workspace->Take<S>(batch.layout.rows()) : nullptr;
  CrfMarginals<S>(batch.layout, rules_, In(values), saved.outputs, labels, workspace,
                  spans_ ? &*spans_ : nullptr, spans);
  return {saved.outputs, batch.layout.rows(), score_width(), Alignment::kStep, labels, spans};
}

template <typename S>
Index CrfHead<S>::WorkspaceBytes(const SlotBounds& bounds) const {
  return output_.WorkspaceBytes(bounds.rows) + CrfWorkspaceBytes(bounds.steps, rules_.classes) +
         Workspace::BytesFor<std::int32_t>(bounds.rows);
}

template <typename S>
Index CrfHead<S>::ScoreBytes(const SlotBounds& bounds) const {
  return WorkspaceBytes(bounds) + (spans_ ? Workspace::BytesFor<S>(bounds.rows) : 0);
}

// As if every label sequence were equally probable.
template <typename S>
double CrfHead<S>::UntrainedLoss() const {
  return std::log(static_cast<double>(rules_.classes));
}

template <typename S>
std::span<const char* const> CrfHead<S>::counts() const {
  static constexpr std::array<const char*, 1> kNames = {"correct"};
  return kNames;
}

template class CrfHead<float>;
template class CrfHead<double>;

}  // namespace lockstep
