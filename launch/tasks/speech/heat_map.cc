#include "launch/tasks/speech/heat_map.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace lockstep {
namespace {

// Elements [first, last) that fall on part number `part` of `parts`.
struct Stretch {
  Stretch(Index count, Index part, Index parts)
      : first(part * count / parts), last((part + 1) * count / parts) {}
  Index first;
  Index last;
};

float MeanOf(std::span<const float> features, Index bins, const Stretch& frames,
             const Stretch& rows) {
  double sum = 0;
  Index count = 0;
  for (Index t = frames.first; t < frames.last; ++t) {
    for (Index b = rows.first; b < rows.last; ++b) {
      sum += static_cast<double>(features[static_cast<std::size_t>(t * bins + b)]);
      ++count;
    }
  }
  return static_cast<float>(sum / static_cast<double>(count));
}

}  // namespace

HeatMap::HeatMap(std::span<const float> features, Index bins, Index columns, Index rows)
    : cells_(static_cast<std::size_t>(columns * rows)) {
  const Index frames = static_cast<Index>(features.size()) / bins;
  for (Index y = 0; y < rows; ++y) {
    for (Index x = 0; x < columns; ++x) {
      cells_[static_cast<std::size_t>((rows - 1 - y) * columns + x)] =
          MeanOf(features, bins, Stretch(frames, x, columns), Stretch(bins, y, rows));
    }
  }
  ChooseRange();
}

void HeatMap::ChooseRange() {
  std::vector<float> sorted;
  std::copy_if(cells_.begin(), cells_.end(), std::back_inserter(sorted),
               [](float value) { return std::isfinite(value); });
  if (sorted.empty()) sorted.push_back(0);
  std::sort(sorted.begin(), sorted.end());
  low_ = static_cast<double>(sorted[sorted.size() / 100]);
  high_ = static_cast<double>(sorted[sorted.size() - 1 - sorted.size() / 100]);
}

std::vector<std::uint8_t> HeatMap::Pixels() const {
  std::vector<std::uint8_t> pixels;
  for (const float cell : cells_) {
    const double share = (static_cast<double>(cell) - low_) / (high_ - low_);
    const bool is_number = std::isfinite(share);
    pixels.push_back(is_number ? static_cast<std::uint8_t>(std::clamp(share, 0.0, 1.0) * 255) : 0);
  }
  return pixels;
}

}  // namespace lockstep
