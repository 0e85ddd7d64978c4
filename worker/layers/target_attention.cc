#include "worker/layers/target_attention.h"

#include <algorithm>

#include "worker/kernels/elementwise.h"
#include "worker/layers/direction_gradients.h"

namespace lockstep {
namespace {

// Copies the first `width` columns of the rows of sequence k of a packed slot, which lie apart, to
// rows without gaps, or back.
template <typename S>
void Gather(const PackedLayout& layout, Index k, Index width, const S* packed, Index stride,
            S* rows) {
  for (Index t = 0; t < layout.steps() && k < layout.active(t); ++t) {
    std::copy_n(packed + layout.Row(t, k) * stride, width, rows + t * width);
  }
}
template <typename S>
void Scatter(const PackedLayout& layout, Index k, Index width, const S* rows, S* packed,
             Index stride) {
  for (Index t = 0; t < layout.steps() && k < layout.active(t); ++t) {
    std::copy_n(rows + t * width, width, packed + layout.Row(t, k) * stride);
  }
}

}  // namespace

template <typename S>
typename TargetAttention<S>::Saved TargetAttention<S>::Read(const DecoderSlot& slot,
                                                            const S* features, const S* values,
                                                            Workspace* workspace) const {
  Saved saved;
  saved.source = attention_.Read(slot.source, features, values, workspace);
  const Index targets = slot.target.sequences();
  Index* const first = workspace->Take<Index>(targets);
  Index count = 0;
  for (Index k = 0; k < targets; ++k) {
    first[k] = count;
    const Index b = slot.sequence_of[static_cast<std::size_t>(k)];
    count += slot.target.Length(k) * saved.source.steps(b);
  }
  saved.first = first;
  saved.weights = workspace->Take<S>(count);
  if (attention_.query() != nullptr) {
    saved.queries = workspace->Take<S>(slot.target.rows() * attention_.hidden_size());
  }
  return saved;
}

template <typename S>
typename Attention<S>::Rows TargetAttention<S>::RowsOf(const DecoderSlot& slot, const Saved& saved,
                                                       Index k, const S* queries,
                                                       Workspace* workspace) const {
  const Index H = attention_.hidden_size(), D = attention_.source_width();
  typename Attention<S>::Rows rows;
  rows.b = slot.sequence_of[static_cast<std::size_t>(k)];
  rows.count = slot.target.Length(k);
  S* const together = workspace->Take<S>(rows.count * H);
  Gather(slot.target, k, H, queries, H, together);
  rows.queries = together;
  rows.query_stride = H;
  rows.weights = saved.weights + saved.first[k];
  rows.context = workspace->Take<S>(rows.count * D);
  rows.context_stride = D;
  return rows;
}

template <typename S>
void TargetAttention<S>::Forward(const DecoderSlot& slot, const Saved& saved, const S* states,
                                 const S* values, S* context, Index stride,
                                 Workspace* workspace) const {
  if (const LinearLayer<S>* query = attention_.query()) {
    query->Forward(slot.target.rows(), states, values, saved.queries, workspace);
  }
  for (Index k = 0; k < slot.target.sequences(); ++k) {
    const Index mark = workspace->used_bytes();
    const auto rows = RowsOf(slot, saved, k, Queries(saved, states), workspace);
    const auto panels =
        attention_.PackSource(saved.source, rows.b, Attention<S>::Pass::kForward, workspace);
    attention_.Forward(saved.source, panels, rows, values, workspace);
    Scatter(slot.target, k, rows.context_stride, rows.context, context, stride);
    workspace->Rewind(mark);
  }
}

template <typename S>
typename Attention<S>::SourceGradients TargetAttention<S>::TakeGradients(
    const DecoderSlot& slot, Workspace* workspace) const {
  const Index rows = slot.source.rows();
  S* const d_values = TakeZeros<S>(rows * attention_.source_width(), workspace);
  return {d_values, TakeZeros<S>(rows * attention_.hidden_size(), workspace)};
}

template <typename S>
void TargetAttention<S>::AddQueryGradient(const DecoderSlot& slot, const S* states,
                                          const S* d_queries, const S* values, S* d_states,
                                          S* gradient, Workspace* workspace) const {
  const LinearLayer<S>& query = *attention_.query();
  const Index rows = slot.target.rows(), mark = workspace->used_bytes();
  query.AddGradient(rows, states, d_queries, gradient, workspace);
  S* const d_through = workspace->Take<S>(rows * attention_.hidden_size());
  query.InputGradient(rows, d_queries, values, d_through, workspace);
  AddInPlace(rows * attention_.hidden_size(), d_through, d_states);
  workspace->Rewind(mark);
}

template <typename S>
void TargetAttention<S>::Backward(const DecoderSlot& slot, const Saved& saved, const S* states,
                                  const S* d_context, Index stride, const S* values, S* d_states,
                                  S* d_features, S* gradient, Workspace* workspace) const {
  const Index H = attention_.hidden_size(), D = attention_.source_width();
  const Index mark = workspace->used_bytes();
  const auto sources = TakeGradients(slot, workspace);
  const bool projects = attention_.query() != nullptr;
  S* const d_queries = projects ? TakeZeros<S>(slot.target.rows() * H, workspace) : d_states;
  for (Index k = 0; k < slot.target.sequences(); ++k) {
    const Index of_target = workspace->used_bytes();
    const auto rows = RowsOf(slot, saved, k, Queries(saved, states), workspace);
    Gather(slot.target, k, D, d_context, stride, rows.context);
    S* const d_rows = workspace->Take<S>(rows.count * H);
    Gather(slot.target, k, H, d_queries, H, d_rows);
    S* const d_scores = workspace->Take<S>(rows.count * saved.source.steps(rows.b));
    const auto panels =
        attention_.PackSource(saved.source, rows.b, Attention<S>::Pass::kBackward, workspace);
    attention_.Backward(saved.source, panels, rows, values, d_scores, d_rows, H, sources, gradient,
                        workspace);
    attention_.AddSourceGradients(saved.source, rows, d_scores, sources, workspace);
    Scatter(slot.target, k, H, d_rows, d_queries, H);
    workspace->Rewind(of_target);
  }
  if (projects) AddQueryGradient(slot, states, d_queries, values, d_states, gradient, workspace);
  attention_.ReadBackward(slot.source, saved.source, sources, values, d_features, gradient,
                          workspace);
  workspace->Rewind(mark);
}

template <typename S>
typename Attention<S>::Rows TargetAttention<S>::RowAt(const DecoderSlot& slot, const Saved& saved,
                                                      Index t, Index k, const S* queries,
                                                      S* context, Index stride) const {
  const Index row = slot.target.Row(t, k), H = attention_.hidden_size();
  const Index b = slot.sequence_of[static_cast<std::size_t>(k)];
  return {b,
          1,
          queries + row * H,
          H,
          saved.weights + saved.first[k] + t * saved.source.steps(b),
          context + row * stride,
          stride};
}

template <typename S>
typename TargetAttention<S>::ForwardLoop TargetAttention<S>::OpenForward(
    const DecoderSlot& slot, const Saved& saved, const S* values, Workspace* workspace) const {
  using Panels = typename Attention<S>::Panels;
  Panels* const panels = workspace->Take<Panels>(slot.source.sequences());
  for (Index b = 0; b < slot.source.sequences(); ++b) {
    panels[b] = attention_.PackSource(saved.source, b, Attention<S>::Pass::kForward, workspace);
  }
  ForwardLoop loop;
  loop.panels = panels;
  if (attention_.query() != nullptr)
    loop.query = attention_.query()->PackForward(values, workspace);
  return loop;
}

template <typename S>
void TargetAttention<S>::ForwardStep(const DecoderSlot& slot, const Saved& saved,
                                     const ForwardLoop& loop, Index t, const S* states,
                                     const S* values, S* context, Index stride,
                                     Workspace* workspace) const {
  const Index first = slot.target.row_start(t) * attention_.hidden_size();
  if (const LinearLayer<S>* query = attention_.query()) {
    query->ForwardPacked(slot.target.active(t), states + first, loop.query, values,
                         saved.queries + first, workspace);
  }
  for (Index k = 0; k < slot.target.active(t); ++k) {
    const auto row = RowAt(slot, saved, t, k, Queries(saved, states), context, stride);
    attention_.Forward(saved.source, loop.panels[row.b], row, values, workspace);
  }
}

template <typename S>
typename TargetAttention<S>::BackwardLoop TargetAttention<S>::OpenBackward(
    const DecoderSlot& slot, const Saved& saved, const S* values, Workspace* workspace) const {
  using Panels = typename Attention<S>::Panels;
  const Index targets = slot.target.sequences();
  BackwardLoop loop;
  loop.sources = TakeGradients(slot, workspace);
  const Index last_source = slot.sequence_of[static_cast<std::size_t>(targets - 1)];
  loop.d_scores = workspace->Take<S>(
      saved.first[targets - 1] + slot.target.Length(targets - 1) * saved.source.steps(last_source));
  Panels* const panels = workspace->Take<Panels>(slot.source.sequences());
  for (Index b = 0; b < slot.source.sequences(); ++b) {
    panels[b] = attention_.PackSource(saved.source, b, Attention<S>::Pass::kBackward, workspace);
  }
  loop.panels = panels;
  if (attention_.query() == nullptr) return loop;
  loop.query = attention_.query()->PackBackward(values, workspace);
  loop.d_queries = TakeZeros<S>(slot.target.rows() * attention_.hidden_size(), workspace);
  return loop;
}

template <typename S>
void TargetAttention<S>::BackwardStep(const DecoderSlot& slot, const Saved& saved,
                                      const BackwardLoop& loop, Index t, const S* states,
                                      const S* d_context, Index stride, const S* values,
                                      S* d_states, S* gradient, Workspace* workspace) const {
  const Index H = attention_.hidden_size(), first = slot.target.row_start(t) * H;
  S* const d_queries = loop.d_queries != nullptr ? loop.d_queries : d_states;
  for (Index k = 0; k < slot.target.active(t); ++k) {
    const auto row = RowAt(slot, saved, t, k, Queries(saved, states), const_cast<S*>(d_context),
                           stride);  // which Backward reads only
    attention_.Backward(saved.source, loop.panels[row.b], row, values,
                        loop.d_scores + (row.weights - saved.weights), d_queries + first + k * H, H,
                        loop.sources, gradient, workspace);
  }
  if (loop.d_queries == nullptr) return;
  Multiply(slot.target.active(t), d_queries + first, H, loop.query, true, d_states + first, H,
           workspace);
}

template <typename S>
void TargetAttention<S>::CloseBackward(const DecoderSlot& slot, const Saved& saved,
                                       const BackwardLoop& loop, const S* states,
                                       const S* d_context, Index stride, const S* values,
                                       S* d_features, S* gradient, Workspace* workspace) const {
  for (Index k = 0; k < slot.target.sequences(); ++k) {
    const Index mark = workspace->used_bytes();
    const auto rows = RowsOf(slot, saved, k, Queries(saved, states), workspace);
    Gather(slot.target, k, rows.context_stride, d_context, stride, rows.context);
    attention_.AddSourceGradients(saved.source, rows, loop.d_scores + saved.first[k], loop.sources,
                                  workspace);
    workspace->Rewind(mark);
  }
  if (const LinearLayer<S>* query = attention_.query()) {
    query->AddGradient(slot.target.rows(), states, loop.d_queries, gradient, workspace);
  }
  attention_.ReadBackward(slot.source, saved.source, loop.sources, values, d_features, gradient,
                          workspace);
}

template <typename S>
Index TargetAttention<S>::KeptBytes(const SlotBounds& source, Index target_rows) const {
  const Index H = attention_.hidden_size();
  return attention_.SourceBytes(source) + Workspace::BytesFor<Index>(source.sequences) +
         Workspace::BytesFor<S>(target_rows * source.steps) +
         (attention_.query() != nullptr ? Workspace::BytesFor<S>(target_rows * H) : 0);
}

// Counts both ways of walking, of which only one is taken.
template <typename S>
Index TargetAttention<S>::ScratchBytes(const SlotBounds& source, Index target_rows,
                                       Index target_steps) const {
  const Index H = attention_.hidden_size(), D = attention_.source_width();
  const auto bytes = [](Index count) { return Workspace::BytesFor<S>(count); };
  const Index of_target = 2 * bytes(target_steps * H) + bytes(target_steps * D) +
                          bytes(target_steps * source.steps) + attention_.PanelBytes(source.steps);
  Index loop = bytes(target_rows * source.steps) + attention_.AllPanelBytes(source);
  Index query = 0;
  if (const LinearLayer<S>* layer = attention_.query()) {
    loop += layer->PackedBytesForward() + layer->PackedBytesBackward();
    query = 2 * bytes(target_rows * H);
  }
  return attention_.GradientBytes(source) + query + of_target + loop +
         attention_.ScratchBytes(source);
}

template class TargetAttention<float>;
template class TargetAttention<double>;

}  // namespace lockstep
