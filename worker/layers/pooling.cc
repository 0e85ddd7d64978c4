#include "worker/layers/pooling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "worker/kernels/elementwise.h"

namespace lockstep {
namespace {

struct NamedPooling {
  const char* name;
  PoolingKind kind;
};
constexpr std::array<NamedPooling, 5> kPoolings = {{{"last", PoolingKind::kLast},
                                                    {"middle", PoolingKind::kMiddle},
                                                    {"mean", PoolingKind::kMean},
                                                    {"max", PoolingKind::kMax},
                                                    {"attention", PoolingKind::kAttention}}};

PoolingKind OneFromName(const std::string& part, const std::string& name) {
  for (const NamedPooling& pooling : kPoolings) {
    if (part == pooling.name) return pooling.kind;
  }
  throw UsageError(
      "model.pooling is \"{}\"; allowed are last, middle, mean, max, attention, or several of them "
      "with + between, for example last+max",
      name);
}

template <typename S>
S Dot(Index count, const S* a, const S* b) {
  S sum = 0;
  for (Index i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

template <typename S>
void AddScaled(Index count, S scale, const S* x, S* y) {
  for (Index i = 0; i < count; ++i) y[i] += scale * x[i];
}

// Replaces the values of one sequence in `rows` by their softmax over the steps.
template <typename S>
void SoftmaxOverSteps(const PackedLayout& layout, Index b, S* rows) {
  const Index steps = layout.Length(b);
  S most = rows[layout.Row(0, b)], sum = 0;
  for (Index t = 1; t < steps; ++t) most = std::max(most, rows[layout.Row(t, b)]);
  for (Index t = 0; t < steps; ++t) {
    S& row = rows[layout.Row(t, b)];
    row = std::exp(row - most);
    sum += row;
  }
  for (Index t = 0; t < steps; ++t) rows[layout.Row(t, b)] /= sum;
}

}  // namespace

std::vector<PoolingKind> PoolingFromName(const std::string& name) {
  std::vector<PoolingKind> kinds;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('+', begin), name.size());
    const PoolingKind kind = OneFromName(name.substr(begin, end - begin), name);
    if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) {
      throw UsageError("model.pooling is \"{}\", which names the same twice", name);
    }
    kinds.push_back(kind);
    begin = end + 1;
  }
  return kinds;
}

template <typename S>
Pooling<S>::Pooling(std::vector<PoolingKind> kinds, Index width, Index directions,
                    Precision precision, ParameterLayout* layout)
    : kinds_(std::move(kinds)), width_(width), directions_(directions), layout_(layout) {
  if (std::find(kinds_.begin(), kinds_.end(), PoolingKind::kAttention) == kinds_.end()) return;
  attention_.emplace(Attention{LinearLayer<S>("attention", width, width, precision, layout), 0});
  attention_->context =
      layout->Add("attention.context", {1, width}, {.kind = Initialiser::Kind::kGlorot});
}

// The step at which the direction that this column belongs to has read the whole sequence, or half
// of it.
template <typename S>
Index Pooling<S>::StepOf(PoolingKind kind, const PackedLayout& layout, Index b,
                         Index column) const {
  const bool walks_back = directions_ == 2 && column >= width_ / 2;
  const Index read = kind == PoolingKind::kLast ? layout.Length(b) : (layout.Length(b) + 1) / 2;
  return walks_back ? layout.Length(b) - read : read - 1;
}

template <typename S>
void Pooling<S>::OneStep(PoolingKind kind, const PackedLayout& layout, const S* x, S* y,
                         Index stride) const {
  for (Index b = 0; b < layout.sequences(); ++b) {
    for (Index d = 0; d < width_; ++d) {
      y[b * stride + d] = x[layout.Row(StepOf(kind, layout, b, d), b) * width_ + d];
    }
  }
}

template <typename S>
void Pooling<S>::OneStepBack(PoolingKind kind, const PackedLayout& layout, const S* d_y,
                             Index stride, S* d_x) const {
  for (Index b = 0; b < layout.sequences(); ++b) {
    for (Index d = 0; d < width_; ++d) {
      d_x[layout.Row(StepOf(kind, layout, b, d), b) * width_ + d] += d_y[b * stride + d];
    }
  }
}

template <typename S>
void Pooling<S>::Mean(const PackedLayout& layout, const S* x, S* y, Index stride) const {
  for (Index b = 0; b < layout.sequences(); ++b) {
    const Index steps = layout.Length(b);
    std::fill_n(y + b * stride, width_, S{0});
    for (Index t = 0; t < steps; ++t) {
      AddInPlace(width_, x + layout.Row(t, b) * width_, y + b * stride);
    }
    for (Index d = 0; d < width_; ++d) y[b * stride + d] /= static_cast<S>(steps);
  }
}

template <typename S>
void Pooling<S>::MeanBack(const PackedLayout& layout, const S* d_y, Index stride, S* d_x) const {
  for (Index b = 0; b < layout.sequences(); ++b) {
    const Index steps = layout.Length(b);
    for (Index t = 0; t < steps; ++t) {
      AddScaled(width_, S{1} / static_cast<S>(steps), d_y + b * stride,
                d_x + layout.Row(t, b) * width_);
    }
  }
}

// Where several steps have the same largest value, the first of them counts.
template <typename S>
void Pooling<S>::Max(const PackedLayout& layout, const S* x, Index* largest, S* y,
                     Index stride) const {
  for (Index b = 0; b < layout.sequences(); ++b) {
    for (Index d = 0; d < width_; ++d) {
      Index best = 0;
      const auto at = [&](Index t) { return x[layout.Row(t, b) * width_ + d]; };
      for (Index t = 1; t < layout.Length(b); ++t) best = at(t) > at(best) ? t : best;
      largest[b * width_ + d] = best;
      y[b * stride + d] = at(best);
    }
  }
}

template <typename S>
void Pooling<S>::MaxBack(const PackedLayout& layout, const Index* largest, const S* d_y,
                         Index stride, S* d_x) const {
  for (Index b = 0; b < layout.sequences(); ++b) {
    for (Index d = 0; d < width_; ++d) {
      d_x[layout.Row(largest[b * width_ + d], b) * width_ + d] += d_y[b * stride + d];
    }
  }
}

template <typename S>
void Pooling<S>::Attend(const PackedLayout& layout, const S* x, const S* values, Saved* saved, S* y,
                        Index stride, Workspace* workspace) const {
  const Index rows = layout.rows();
  saved->hidden = workspace->Take<S>(rows * width_);
  saved->weights = workspace->Take<S>(rows);
  attention_->hidden.Forward(rows, x, values, saved->hidden, workspace);
  std::transform(saved->hidden, saved->hidden + rows * width_, saved->hidden,
                 [](S z) { return std::tanh(z); });
  const S* const context = values + (*layout_)[attention_->context].offset;
  for (Index row = 0; row < rows; ++row) {
    saved->weights[row] = Dot(width_, saved->hidden + row * width_, context);
  }
  for (Index b = 0; b < layout.sequences(); ++b) {
    SoftmaxOverSteps(layout, b, saved->weights);
    std::fill_n(y + b * stride, width_, S{0});
    for (Index t = 0; t < layout.Length(b); ++t) {
      const Index row = layout.Row(t, b);
      AddScaled(width_, saved->weights[row], x + row * width_, y + b * stride);
    }
  }
}

// With u = tanh(W x + b), e = v . u, a = softmax(e), y = sum a x:
//   d_x += a d_y,  d_a = x . d_y,  d_e = a (d_a - sum a d_a),  d_v += d_e u,  d_z = d_e v (1 - u^2)
// d_z is the gradient before tanh; from there it goes back through the linear layer.
template <typename S>
void Pooling<S>::AttendBack(const PackedLayout& layout, const S* x, const Saved& saved,
                            const S* values, const S* d_y, Index stride, S* d_x, S* gradient,
                            Workspace* workspace) const {
  const Index rows = layout.rows(), mark = workspace->used_bytes();
  const ParameterInfo& info = (*layout_)[attention_->context];
  const S* const context = values + info.offset;
  S* const d_scores = workspace->Take<S>(rows);
  S* const through = workspace->Take<S>(rows * width_);
  for (Index b = 0; b < layout.sequences(); ++b) {
    S mean = 0;
    for (Index t = 0; t < layout.Length(b); ++t) {
      const Index row = layout.Row(t, b);
      AddScaled(width_, saved.weights[row], d_y + b * stride, d_x + row * width_);
      d_scores[row] = Dot(width_, x + row * width_, d_y + b * stride);
      mean += saved.weights[row] * d_scores[row];
    }
    for (Index t = 0; t < layout.Length(b); ++t) {
      const Index row = layout.Row(t, b);
      d_scores[row] = saved.weights[row] * (d_scores[row] - mean);
    }
  }
  for (Index row = 0; row < rows; ++row) {
    S* const u = saved.hidden + row * width_;
    AddScaled(width_, d_scores[row], u, gradient + info.offset);
    for (Index d = 0; d < width_; ++d) u[d] = d_scores[row] * context[d] * (1 - u[d] * u[d]);
  }
  attention_->hidden.AddGradient(rows, x, saved.hidden, gradient, workspace);
  attention_->hidden.InputGradient(rows, saved.hidden, values, through, workspace);
  AddInPlace(rows * width_, through, d_x);
  workspace->Rewind(mark);
}

template <typename S>
typename Pooling<S>::Saved Pooling<S>::Forward(const PackedLayout& layout, const S* x,
                                               const S* values, S* y, Index stride,
                                               Workspace* workspace) const {
  Saved saved;
  for (const PoolingKind kind : kinds_) {
    switch (kind) {
      case PoolingKind::kLast:
      case PoolingKind::kMiddle:
        OneStep(kind, layout, x, y, stride);
        break;
      case PoolingKind::kMean:
        Mean(layout, x, y, stride);
        break;
      case PoolingKind::kMax:
        saved.largest = workspace->Take<Index>(layout.sequences() * width_);
        Max(layout, x, saved.largest, y, stride);
        break;
      case PoolingKind::kAttention:
        Attend(layout, x, values, &saved, y, stride, workspace);
        break;
    }
    y += width_;
  }
  return saved;
}

template <typename S>
void Pooling<S>::Backward(const PackedLayout& layout, const S* x, const Saved& saved,
                          const S* values, const S* d_y, Index stride, S* d_x, S* gradient,
                          Workspace* workspace) const {
  std::fill_n(d_x, layout.rows() * width_, S{0});
  for (const PoolingKind kind : kinds_) {
    switch (kind) {
      case PoolingKind::kLast:
      case PoolingKind::kMiddle:
        OneStepBack(kind, layout, d_y, stride, d_x);
        break;
      case PoolingKind::kMean:
        MeanBack(layout, d_y, stride, d_x);
        break;
      case PoolingKind::kMax:
        MaxBack(layout, saved.largest, d_y, stride, d_x);
        break;
      case PoolingKind::kAttention:
        AttendBack(layout, x, saved, values, d_y, stride, d_x, gradient, workspace);
        break;
    }
    d_y += width_;
  }
}

template <typename S>
Index Pooling<S>::WorkspaceBytes(const SlotBounds& bounds) const {
  Index bytes = Workspace::BytesFor<Index>(bounds.sequences * width_);
  if (attention_) {
    bytes += 2 * Workspace::BytesFor<S>(bounds.rows * width_) +
             2 * Workspace::BytesFor<S>(bounds.rows) + attention_->hidden.ScratchBytes();
  }
  return bytes;
}

template class Pooling<float>;
template class Pooling<double>;

}  // namespace lockstep
