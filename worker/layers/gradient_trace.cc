#include "worker/layers/gradient_trace.h"

#include <algorithm>
#include <bit>

namespace lockstep {
namespace {

constexpr Index kAllBelow = 64;

// From 64 on, a distance is kept if it is a multiple of this, which doubles with each power of two.
Index SpacingAt(Index distance) {
  return distance < kAllBelow ? 1 : Index{1} << (std::bit_width(std::uint64_t(distance)) - 6);
}

template <typename S>
double SumOfSquares(Index count, const S* a, const S* b) {
  double sum = 0;
  for (Index i = 0; i < count; ++i) {
    const auto value = static_cast<double>(b == nullptr ? a[i] : a[i] + b[i]);
    sum += value * value;
  }
  return sum;
}

}  // namespace

TimeDistances::TimeDistances(Index steps) {
  for (Index d = 0; d < steps; d += SpacingAt(d)) all_.push_back(d);
}

Index TimeDistances::PlaceOf(Index distance) const {
  const auto found = std::lower_bound(all_.begin(), all_.end(), distance);
  return found == all_.end() || *found != distance ? -1 : found - all_.begin();
}

GradientTrace::GradientTrace(Index layers, Index directions, bool has_memory,
                             const TimeDistances* distances)
    : directions_(directions),
      kinds_(has_memory ? 2 : 1),
      series_(layers * directions_ * kinds_),
      distances_(distances),
      sums_(static_cast<std::size_t>(series_ + 1) * distances->all().size()) {}

void GradientTrace::Begin(const PackedLayout& layout) {
  std::fill(sums_.begin(), sums_.end(), 0.0);
  forward_only_ = false;
  ends_.clear();
  for (Index b = 0; b < layout.sequences(); ++b) ends_.push_back(layout.Length(b) - 1);
  CountSequences();
}

void GradientTrace::CountSequences() {
  double* const counts = Row(series_);
  for (std::size_t i = 0; i < distances_->all().size(); ++i) {
    const Index distance = distances_->all()[i];
    counts[i] = static_cast<double>(
        std::count_if(ends_.begin(), ends_.end(), [&](Index end) { return distance <= end; }));
  }
}

template <typename S>
void GradientTrace::KeepLastTarget(const PackedLayout& layout, Index width, S* d_y) {
  forward_only_ = true;
  for (Index b = 0; b < layout.sequences(); ++b) {
    Index& end = ends_[static_cast<std::size_t>(b)];
    for (bool found = false; !found && end >= 0; end -= found ? 0 : 1) {
      const S* const row = d_y + layout.Row(end, b) * width;
      found = std::any_of(row, row + width, [](S value) { return value != 0; });
    }
    for (Index t = 0; t < end; ++t) std::fill_n(d_y + layout.Row(t, b) * width, width, S{0});
  }
  CountSequences();
}

template <typename S>
void GradientTrace::AddStep(const PackedLayout& layout, Index t, Index H, const S* d_out,
                            Index stride, const S* d_h, const S* d_memory) {
  if (forward_only_ && direction_ > 0) return;
  const Index first = (layer_ * directions_ + direction_) * kinds_;
  for (Index b = 0; b < layout.active(t); ++b) {
    const Index end = ends_[static_cast<std::size_t>(b)];
    const Index place = t > end ? -1 : distances_->PlaceOf(direction_ == 0 ? end - t : t);
    if (place < 0) continue;
    const S* const above = d_out + layout.Row(t, b) * stride;
    Row(first)[place] += SumOfSquares(H, above, d_h + b * H);
    if (kinds_ > 1) Row(first + 1)[place] += SumOfSquares<S>(H, d_memory + b * H, nullptr);
  }
}

template void GradientTrace::KeepLastTarget<float>(const PackedLayout&, Index, float*);
template void GradientTrace::KeepLastTarget<double>(const PackedLayout&, Index, double*);
template void GradientTrace::AddStep<float>(const PackedLayout&, Index, Index, const float*, Index,
                                            const float*, const float*);
template void GradientTrace::AddStep<double>(const PackedLayout&, Index, Index, const double*,
                                             Index, const double*, const double*);

}  // namespace lockstep
