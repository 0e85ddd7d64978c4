#include "data/speech/features/feature_transforms.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/feature_normalisation.h"
#include "base/function_clones.h"

namespace lockstep {
namespace {

Index FramesOf(std::span<const float> rows, Index width) {
  LOCKSTEP_CHECK(width > 0);
  const auto size = static_cast<Index>(rows.size());
  LOCKSTEP_CHECK_EQ(size % width, 0);
  return size / width;
}

// The filters of all orders; filter k has taps from -k * window to k * window.
std::vector<std::vector<float>> DeltaFilters(Index order, Index window) {
  const double norm = static_cast<double>(window * (window + 1) * (2 * window + 1)) / 3;
  std::vector<std::vector<double>> filters{{1.0}};
  while (static_cast<Index>(filters.size()) <= order) {
    const std::vector<double>& last = filters.back();
    std::vector<double> next(last.size() + static_cast<std::size_t>(2 * window));
    for (Index j = -window; j <= window; ++j) {
      for (std::size_t k = 0; k < last.size(); ++k) {
        next[k + static_cast<std::size_t>(j + window)] += static_cast<double>(j) * last[k] / norm;
      }
    }
    filters.push_back(next);
  }
  std::vector<std::vector<float>> rounded;
  rounded.reserve(filters.size());
  for (const std::vector<double>& filter : filters) {
    rounded.emplace_back(filter.begin(), filter.end());
  }
  return rounded;
}

LOCKSTEP_CLONES void AddScaled(float scale, const float* row, Index width, float* sum) {
  for (Index i = 0; i < width; ++i) sum[i] += scale * row[i];
}

// Frames of which only those from number `begin` on are in memory.
struct Frames {
  const float* rows;
  Index begin;
  Index end;
};

// Sets `row`, which is zero, to what each filter gives for `frame`. Frames beyond the ends are
// those at the ends.
void FilterFrame(const std::vector<std::vector<float>>& filters, const Frames& frames, Index width,
                 Index frame, float* row) {
  for (const std::vector<float>& filter : filters) {
    Index tap = frame - static_cast<Index>(filter.size() / 2);
    for (const float scale : filter) {
      const Index source = std::clamp<Index>(tap++, 0, frames.end - 1);
      AddScaled(scale, frames.rows + (source - frames.begin) * width, width, row);
    }
    row += width;
  }
}

LOCKSTEP_CLONES void AddRow(const float* row, Index width, double* sum, double* squares) {
  for (Index i = 0; i < width; ++i) {
    const double value = row[i];
    sum[i] += value;
    squares[i] += value * value;
  }
}

}  // namespace

std::vector<float> AddDeltas(std::span<const float> rows, Index width, Index order, Index window) {
  LOCKSTEP_CHECK(order >= 0 && window >= 1);
  const Index frames = FramesOf(rows, width);
  const std::vector<std::vector<float>> filters = DeltaFilters(order, window);
  std::vector<float> wider(rows.size() * filters.size());
  for (Index frame = 0; frame < frames; ++frame) {
    FilterFrame(filters, {rows.data(), 0, frames}, width, frame,
                wider.data() + frame * width * std::ssize(filters));
  }
  return wider;
}

DeltaStream::DeltaStream(Index width, Index order, Index window)
    : width_(width), reach_(order * window), filters_(DeltaFilters(order, window)) {}

void DeltaStream::Add(std::span<const float> rows, std::vector<float>* wider) {
  FramesOf(rows, width_);
  kept_.insert(kept_.end(), rows.begin(), rows.end());
  AppendRows(kept_begin_ + FramesOf(kept_, width_) - reach_, wider);
  const Index drop = std::min(next_ - reach_ - kept_begin_, FramesOf(kept_, width_));
  if (drop <= 0) return;
  kept_.erase(kept_.begin(), kept_.begin() + drop * width_);
  kept_begin_ += drop;
}

void DeltaStream::Finish(std::vector<float>* wider) {
  AppendRows(kept_begin_ + FramesOf(kept_, width_), wider);
  kept_.clear();
  kept_begin_ = 0;
  next_ = 0;
}

// Appends the rows up to number `end`.
void DeltaStream::AppendRows(Index end, std::vector<float>* wider) {
  const Index frames = kept_begin_ + FramesOf(kept_, width_);
  for (; next_ < end; ++next_) {
    const std::size_t at = wider->size();
    wider->resize(at + static_cast<std::size_t>(width_) * filters_.size());
    FilterFrame(filters_, {kept_.data(), kept_begin_, frames}, width_, next_, wider->data() + at);
  }
}

FeatureMoments::FeatureMoments(Index width)
    : sum(static_cast<std::size_t>(width)), squares(static_cast<std::size_t>(width)) {}

void FeatureMoments::Add(std::span<const float> rows) {
  const auto width = static_cast<Index>(sum.size());
  const Index count = FramesOf(rows, width);
  for (Index frame = 0; frame < count; ++frame) {
    AddRow(rows.data() + frame * width, width, sum.data(), squares.data());
  }
  frames += count;
}

void FeatureMoments::Add(const FeatureMoments& other) {
  LOCKSTEP_CHECK_EQ(sum.size(), other.sum.size());
  frames += other.frames;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i] += other.sum[i];
    squares[i] += other.squares[i];
  }
}

void Normalise(const FeatureMoments& moments, bool variance, std::span<float> rows) {
  const std::size_t width = moments.sum.size();
  FramesOf(rows, static_cast<Index>(width));
  if (moments.frames == 0) return;
  const auto frames = static_cast<double>(moments.frames);
  for (std::size_t i = 0; i < width; ++i) {
    const double mean = moments.sum[i] / frames;
    const double spread = std::max(moments.squares[i] / frames - mean * mean, kVarianceFloor);
    const double scale = variance ? 1 / std::sqrt(spread) : 1;
    for (std::size_t at = i; at < rows.size(); at += width) {
      rows[at] = static_cast<float>((rows[at] - mean) * scale);
    }
  }
}

}  // namespace lockstep
