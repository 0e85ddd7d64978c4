#include "worker/layers/look_ahead.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "base/function_clones.h"
#include "base/text.h"

namespace lockstep {
namespace {

// y[i] += a[i] b[i] without fused multiply-add: the same bits on every instruction set.
LOCKSTEP_CLONES void AddProducts(Index count, const float* a, const float* b, float* y) {
  for (Index i = 0; i < count; ++i) y[i] += a[i] * b[i];
}
LOCKSTEP_CLONES void AddProducts(Index count, const double* a, const double* b, double* y) {
  for (Index i = 0; i < count; ++i) y[i] += a[i] * b[i];
}

template <typename S>
void SetProducts(Index count, const S* a, const S* b, S* y) {
  for (Index i = 0; i < count; ++i) y[i] = a[i] * b[i];
}

Index StepsFromText(const std::string& part, const std::string& text) {
  Index steps = 0;
  if (ReadNumber(Trim(part), &steps) && steps >= 0 && steps <= kMostLookAhead) return steps;
  throw UsageError(
      "model.lookahead is \"{}\"; allowed are whole numbers from 0 to {}: one for the top layer, "
      "or "
      "one for each recurrent layer, lowest first, with commas between (\"3,3,4\")",
      text, kMostLookAhead);
}

}  // namespace

std::vector<Index> LookAheadFromText(const std::string& text) {
  std::vector<Index> steps;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    steps.push_back(StepsFromText(text.substr(begin, end - begin), text));
    begin = end + 1;
  }
  return steps;
}

// By value, because the table of configuration keys calls it so.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
std::string LookAheadText(std::vector<Index> steps) {
  return fmt::format("{}", fmt::join(steps, ","));
}

template <typename S>
LookAhead<S>::LookAhead(Index steps, Index width, Index layer, ParameterLayout* layout)
    : steps_(steps), width_(width), layout_(layout) {
  LOCKSTEP_CHECK(steps >= 1);
  weight_ = layout->Add(
      fmt::format("look_ahead.weight_l{}", layer), {steps + 1, width},
      {.kind = Initialiser::Kind::kBlockConstant, .gates = steps + 1, .value = 1, .block = 0});
}

template <typename S>
ElementRange LookAhead<S>::Elements() const {
  const ParameterInfo& info = (*layout_)[weight_];
  return {info.offset, info.offset + info.count()};
}

// Sequences that end before step t + j are not among the active(t + j) first ones.
template <typename S>
void LookAhead<S>::Forward(const PackedLayout& layout, const S* h, const S* values, S* y) const {
  const S* const weight = values + Elements().begin;
  for (Index t = 0; t < layout.steps(); ++t) {
    for (Index b = 0; b < layout.active(t); ++b) {
      S* const row = y + layout.Row(t, b) * width_;
      SetProducts(width_, weight, h + layout.Row(t, b) * width_, row);
      const Index last = std::min(t + steps_, layout.steps() - 1);
      for (Index seen = t + 1; seen <= last && b < layout.active(seen); ++seen) {
        AddProducts(width_, weight + (seen - t) * width_, h + layout.Row(seen, b) * width_, row);
      }
    }
  }
}

// d_w_j = sum over t of d_y[t] * h[t + j]
template <typename S>
void LookAhead<S>::AddWeightGradient(const PackedLayout& layout, const S* h, const S* d_y,
                                     S* gradient) const {
  S* const d_weight = gradient + Elements().begin;
  for (Index t = 0; t < layout.steps(); ++t) {
    const Index last = std::min(t + steps_, layout.steps() - 1);
    for (Index seen = t; seen <= last; ++seen) {
      for (Index b = 0; b < layout.active(seen); ++b) {
        AddProducts(width_, d_y + layout.Row(t, b) * width_, h + layout.Row(seen, b) * width_,
                    d_weight + (seen - t) * width_);
      }
    }
  }
}

// d_h[t] = sum over j of w_j * d_y[t - j]. It goes from the last step to the first, so that the
// gradients of the steps before t are still those of y.
template <typename S>
void LookAhead<S>::Backward(const PackedLayout& layout, const S* h, const S* values, S* d_y,
                            S* gradient) const {
  AddWeightGradient(layout, h, d_y, gradient);
  const S* const weight = values + Elements().begin;
  for (Index t = layout.steps() - 1; t >= 0; --t) {
    for (Index b = 0; b < layout.active(t); ++b) {
      S* const row = d_y + layout.Row(t, b) * width_;
      SetProducts(width_, weight, row, row);
      for (Index j = 1; j <= std::min(steps_, t); ++j) {
        AddProducts(width_, weight + j * width_, d_y + layout.Row(t - j, b) * width_, row);
      }
    }
  }
}

template class LookAhead<float>;
template class LookAhead<double>;

}  // namespace lockstep
