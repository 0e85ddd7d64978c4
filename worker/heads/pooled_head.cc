#include "worker/heads/pooled_head.h"

#include <algorithm>

#include "worker/kernels/dropout.h"
#include "worker/layers/input_layer.h"

namespace lockstep {
namespace {

DenseShape WithInput(DenseShape shape, Index input_size) {
  shape.input_size = input_size;
  return shape;
}

}  // namespace

template <typename S>
PooledHead<S>::PooledHead(std::size_t target, const Schema& schema,
                          const std::vector<std::size_t>& joined, Pooling<S> pooling,
                          const DenseShape& dense, double dropout, std::unique_ptr<RowLoss<S>> loss,
                          ParameterLayout* layout)
    : target_(target),
      joined_(joined),
      pooling_(std::move(pooling)),
      dropout_(dropout),
      loss_(std::move(loss)),
      output_(WithInput(dense, pooling_.output_size() + WidthOf(schema, joined)), loss_->width(),
              layout) {
  for (const std::size_t f : joined) joined_widths_.push_back(schema.fields[f].width);
}

template <typename S>
ElementRange PooledHead<S>::Elements() const {
  const Index begin =
      pooling_.has_parameters() ? pooling_.first_element() : output_.first_element();
  return {begin, output_.end_element()};
}

// Writes the inputs of each whole sequence behind its pooled features, in the same row
// [output_.input_size()].
template <typename S>
void PooledHead<S>::Join(const SlotBatch& batch, S* pooled) const {
  const Index stride = output_.input_size();
  Index column = pooling_.output_size();
  for (std::size_t i = 0; i < joined_.size(); ++i) {
    const Index width = joined_widths_[i];
    const float* const once = batch.fields[joined_[i]].values.data();
    for (Index b = 0; b < batch.layout.sequences(); ++b) {
      std::copy_n(once + b * width, width, pooled + b * stride + column);
    }
    column += width;
  }
}

template <typename S>
void PooledHead<S>::Drop(Index sequences, const DropoutKey* key, S* pooled) const {
  if (key == nullptr || dropout_ == 0) return;
  ApplyDropout(DropoutRng(*key, kPooledPlace), dropout_, sequences * output_.input_size(), pooled);
}

template <typename S>
typename PooledHead<S>::Saved PooledHead<S>::Forward(const SlotBatch& batch, const DropoutKey* key,
                                                     const S* values, S* x, Workspace* workspace,
                                                     PassObserver* observer) const {
  const Index sequences = batch.layout.sequences();
  Need(Elements(), observer);
  Enter(Phase::kHead, observer);
  S* const pooled = workspace->Take<S>(sequences * output_.input_size());
  Saved saved;
  saved.pooling =
      pooling_.Forward(batch.layout, x, values, pooled, output_.input_size(), workspace);
  Join(batch, pooled);
  Drop(sequences, key, pooled);
  saved.output = output_.Forward(sequences, pooled, values, key, workspace);
  return saved;
}

template <typename S>
StepSums PooledHead<S>::ForwardBackward(const SlotBatch& batch, const DropoutKey& key,
                                        const S* values, S* x, S* d_x, S* gradient,
                                        Workspace* workspace, PassObserver* observer) const {
  const Index mark = workspace->used_bytes(), sequences = batch.layout.sequences();
  const Saved saved = Forward(batch, &key, values, x, workspace, observer);
  Enter(Phase::kLoss, observer);
  const StepSums sums = loss_->Gradient(batch.fields[target_], sequences, saved.output.outputs);
  Enter(Phase::kHead, observer);
  S* const d_pooled = workspace->Take<S>(sequences * output_.input_size());
  output_.Backward(sequences, saved.output, values, &key, d_pooled, gradient, workspace, [] {});
  Drop(sequences, &key, d_pooled);
  pooling_.Backward(batch.layout, x, saved.pooling, values, d_pooled, output_.input_size(), d_x,
                    gradient, workspace);
  Done(Elements(), observer);
  workspace->Rewind(mark);
  return sums;
}

template <typename S>
StepSums PooledHead<S>::Evaluate(const SlotBatch& batch, const S* values, S* x,
                                 Workspace* workspace, PassObserver* observer) const {
  const Index mark = workspace->used_bytes();
  const Saved saved = Forward(batch, nullptr, values, x, workspace, observer);
  const StepSums sums = loss_->Loss(batch.fields[target_], batch.layout.sequences(),
                                    saved.output.outputs, TallyOf(observer));
  workspace->Rewind(mark);
  return sums;
}

template <typename S>
Scores<S> PooledHead<S>::Score(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                               PassObserver* observer) const {
  const Saved saved = Forward(batch, nullptr, values, x, workspace, observer);
  return {saved.output.outputs, batch.layout.sequences(), score_width(), Alignment::kSequence};
}

template <typename S>
Index PooledHead<S>::WorkspaceBytes(const SlotBounds& bounds) const {
  return 2 * Workspace::BytesFor<S>(bounds.sequences * output_.input_size()) +
         pooling_.WorkspaceBytes(bounds) + output_.WorkspaceBytes(bounds.sequences);
}

template class PooledHead<float>;
template class PooledHead<double>;

}  // namespace lockstep
