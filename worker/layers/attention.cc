#include "worker/layers/attention.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "worker/kernels/additive_score.h"
#include "worker/kernels/elementwise.h"
#include "worker/kernels/exponentials.h"

namespace lockstep {
namespace {

constexpr std::array<const char*, 3> kNames = {"none", "dot", "additive"};

template <typename S>
void Softmax(Index count, S* x) {
  const S sum = TakeExponentials(count, *std::max_element(x, x + count), x);
  for (Index i = 0; i < count; ++i) x[i] /= sum;
}

// Turns the gradient of weights into that of the scores they come from.
template <typename S>
void SoftmaxBackward(Index count, const S* weights, S* d) {
  S mean = 0;
  for (Index i = 0; i < count; ++i) mean += weights[i] * d[i];
  for (Index i = 0; i < count; ++i) d[i] = weights[i] * (d[i] - mean);
}

// Calls use(row in the packed slot, row in the order of sequences).
template <typename Use>
void ForEachRow(const PackedLayout& layout, const Index* first, const Use& use) {
  for (Index t = 0; t < layout.steps(); ++t) {
    for (Index b = 0; b < layout.active(t); ++b) use(layout.Row(t, b), first[b] + t);
  }
}

}  // namespace

std::string AttentionName(AttentionKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

AttentionKind AttentionFromName(const std::string& name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found != kNames.end()) return static_cast<AttentionKind>(found - kNames.begin());
  throw UsageError("model.attention is \"{}\"; allowed are none, dot and additive", name);
}

template <typename S>
Attention<S>::Attention(AttentionKind kind, Index source_width, Index hidden_size,
                        Precision precision, ParameterLayout* layout)
    : precision_(precision),
      layout_(layout),
      key_("attention.key", source_width, hidden_size, precision, layout, false) {
  LOCKSTEP_CHECK(kind != AttentionKind::kNone);
  if (kind == AttentionKind::kDot) return;
  query_.emplace("attention.query", hidden_size, hidden_size, precision, layout);
  score_ = layout->Add("attention.score", {1, hidden_size}, {.kind = Initialiser::Kind::kGlorot});
}

template <typename S>
ElementRange Attention<S>::Elements() const {
  if (!query_) return key_.Elements();
  return {key_.Elements().begin, (*layout_)[score_].offset + hidden_size()};
}

template <typename S>
typename Attention<S>::Source Attention<S>::Read(const PackedLayout& layout, const S* features,
                                                 const S* values, Workspace* workspace) const {
  const Index D = source_width(), rows = layout.rows();
  Index* const first = workspace->Take<Index>(layout.sequences() + 1);
  first[0] = 0;
  for (Index b = 0; b < layout.sequences(); ++b) first[b + 1] = first[b] + layout.Length(b);
  Source source{first, workspace->Take<S>(rows * D), workspace->Take<S>(rows * hidden_size())};
  ForEachRow(layout, first, [&](Index packed, Index row) {
    std::copy_n(features + packed * D, D, source.values + row * D);
  });
  key_.Forward(rows, source.values, values, source.keys, workspace);
  return source;
}

// Forward multiplies queries with transposed keys, and weights with values; backward the gradient
// of the context with transposed values, and that of the scores with keys.
template <typename S>
typename Attention<S>::Panels Attention<S>::PackSource(const Source& source, Index b, Pass pass,
                                                       Workspace* workspace) const {
  const Index D = source_width(), H = hidden_size(), T = source.steps(b), first = source.first[b];
  const auto pack = [&](const S* rows, Index width, bool transposed) {
    if (transposed) return Pack(precision_, Op::kTransposed, width, T, rows, width, workspace);
    return Pack(precision_, Op::kAsIs, T, width, rows, width, workspace);
  };
  const bool forward = pass == Pass::kForward;
  Panels panels;
  if (!query_) panels.keys = pack(source.keys + first * H, H, forward);
  panels.values = pack(source.values + first * D, D, !forward);
  return panels;
}

namespace {

template <typename S>
AdditivePairs<S> PairsOf(const typename Attention<S>::Source& source,
                         const typename Attention<S>::Rows& rows, Index width, const S* score) {
  return {rows.count,   source.steps(rows.b), width,
          rows.queries, rows.query_stride,    source.keys + source.first[rows.b] * width,
          score};
}

}  // namespace

template <typename S>
void Attention<S>::Forward(const Source& source, const Panels& panels, const Rows& rows,
                           const S* values, Workspace* workspace) const {
  const Index T = source.steps(rows.b);
  if (query_) {
    const S* const score = values + (*layout_)[score_].offset;
    AdditiveScores(PairsOf<S>(source, rows, hidden_size(), score), rows.weights);
  } else {
    Multiply(rows.count, rows.queries, rows.query_stride, panels.keys, false, rows.weights, T,
             workspace);
  }
  for (Index row = 0; row < rows.count; ++row) Softmax(T, rows.weights + row * T);
  Multiply(rows.count, rows.weights, T, panels.values, false, rows.context, rows.context_stride,
           workspace);
}

template <typename S>
void Attention<S>::Backward(const Source& source, const Panels& panels, const Rows& rows,
                            const S* values, S* d_scores, S* d_queries, Index d_query_stride,
                            const SourceGradients& gradients, S* gradient,
                            Workspace* workspace) const {
  const Index T = source.steps(rows.b);
  Multiply(rows.count, rows.context, rows.context_stride, panels.values, false, d_scores, T,
           workspace);
  for (Index row = 0; row < rows.count; ++row) {
    SoftmaxBackward(T, rows.weights + row * T, d_scores + row * T);
  }
  if (!query_) {
    return Multiply(rows.count, d_scores, T, panels.keys, true, d_queries, d_query_stride,
                    workspace);
  }
  const Index H = hidden_size(), score = (*layout_)[score_].offset;
  AdditiveScoresBackward(PairsOf<S>(source, rows, H, values + score), d_scores, d_queries,
                         d_query_stride, gradients.d_keys + source.first[rows.b] * H,
                         gradient + score);
}

template <typename S>
void Attention<S>::AddSourceGradients(const Source& source, const Rows& rows, const S* d_scores,
                                      const SourceGradients& gradients,
                                      Workspace* workspace) const {
  const Index D = source_width(), H = hidden_size(), T = source.steps(rows.b);
  const Index first = source.first[rows.b];
  AddTransposed(precision_, T, D, rows.count, rows.weights, T, rows.context, rows.context_stride,
                gradients.d_values + first * D, D, workspace);
  if (query_) return;
  AddTransposed(precision_, T, H, rows.count, d_scores, T, rows.queries, rows.query_stride,
                gradients.d_keys + first * H, H, workspace);
}

template <typename S>
void Attention<S>::ReadBackward(const PackedLayout& layout, const Source& source,
                                const SourceGradients& gradients, const S* values, S* d_features,
                                S* gradient, Workspace* workspace) const {
  const Index D = source_width(), rows = layout.rows();
  const Index mark = workspace->used_bytes();
  key_.AddGradient(rows, source.values, gradients.d_keys, gradient, workspace);
  S* const d_values = workspace->Take<S>(rows * D);
  key_.InputGradient(rows, gradients.d_keys, values, d_values, workspace);
  AddInPlace(rows * D, gradients.d_values, d_values);
  ForEachRow(layout, source.first, [&](Index packed, Index row) {
    std::copy_n(d_values + row * D, D, d_features + packed * D);
  });
  workspace->Rewind(mark);
}

template <typename S>
Index Attention<S>::SourceBytes(const SlotBounds& bounds) const {
  return Workspace::BytesFor<Index>(bounds.sequences + 1) + GradientBytes(bounds);
}

template <typename S>
Index Attention<S>::GradientBytes(const SlotBounds& bounds) const {
  return Workspace::BytesFor<S>(bounds.rows * source_width()) +
         Workspace::BytesFor<S>(bounds.rows * hidden_size());
}

template <typename S>
Index Attention<S>::PanelBytes(Index steps) const {
  const Index D = source_width(), H = hidden_size();
  const auto both = [&](Index width) {
    return std::max(PackedBytes<S>(precision_, width, steps),
                    PackedBytes<S>(precision_, steps, width));
  };
  return both(H) + both(D);
}

// A sequence takes at most as much as a single step, and for each step what the panels grow by.
template <typename S>
Index Attention<S>::AllPanelBytes(const SlotBounds& bounds) const {
  constexpr Index kRounding = 256;  // bytes
  // The steps that a panel is rounded up to, at most.
  const Index first = precision_ == Precision::kBfloat16Amx ? 32 : 16;
  const Index columns = RoundUp(source_width() + 1, first) + RoundUp(hidden_size() + 1, first);
  const Index steps = bounds.rows + (first + 1) * bounds.sequences;
  return Workspace::BytesFor<Panels>(bounds.sequences) +
         steps * columns * static_cast<Index>(sizeof(S)) + kRounding * bounds.sequences;
}

template <typename S>
Index Attention<S>::ScratchBytes(const SlotBounds& bounds) const {
  const Index D = source_width(), H = hidden_size(), T = bounds.steps;
  const Index products = MultiplyBytes<S>(precision_, std::max({D, H, T})) +
                         AddTransposedBytes<S>(precision_, T, std::max(D, H));
  const Index query = query_ ? query_->ScratchBytes() : 0;
  return Workspace::BytesFor<S>(bounds.rows * D) + std::max({products, key_.ScratchBytes(), query});
}

// Two products forward, four backward.
template <typename S>
double Attention<S>::FlopsPerRow(double steps) const {
  const double query = query_ ? query_->FlopsPerRow() : 0;
  const double keys = query_ ? 0 : static_cast<double>(hidden_size());
  return query + 6 * steps * (keys + static_cast<double>(source_width()));
}

template class Attention<float>;
template class Attention<double>;

}  // namespace lockstep
