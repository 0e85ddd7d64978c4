#include "trainer/gradient_clip.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/aligned_buffer.h"
#include "base/error.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {
namespace {

constexpr std::array<const char*, 3> kNames = {"off", "fixed", "adaptive"};

// Norms that adaptive clipping waits for before it trusts their quantile.
constexpr std::size_t kEnoughNorms = 20;

// Four running sums: a chain short enough for the processor and an order that is written down.
double BlockSquares(const float* x, Index count) {
  std::array<double, 4> sums{};
  for (Index i = 0; i < count; ++i) {
    const double value = x[i];
    sums[static_cast<std::size_t>(i % 4)] += value * value;
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace

std::string ClipModeName(ClipMode mode) { return kNames[static_cast<std::size_t>(mode)]; }

ClipMode ClipModeFromName(const std::string& name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return static_cast<ClipMode>(i);
  }
  throw UsageError("clip.mode is \"{}\"; allowed are off, fixed and adaptive", name);
}

double GradientClip::Bound() const {
  if (options_.mode == ClipMode::kFixed || history_.size() < kEnoughNorms) return options_.max_norm;
  std::vector<double> sorted = history_;
  const std::size_t rank =
      std::min(sorted.size() - 1,
               static_cast<std::size_t>(options_.quantile * static_cast<double>(sorted.size())));
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(rank),
                   sorted.end());
  return sorted[rank];
}

double GradientClip::Factor(double norm) {
  if (options_.mode == ClipMode::kOff) return 1;
  const double bound = Bound();
  if (options_.mode == ClipMode::kAdaptive) {
    history_.push_back(norm);
    if (static_cast<Index>(history_.size()) > options_.window) history_.erase(history_.begin());
  }
  return norm > bound ? bound / norm : 1;
}

double SumOfSquares(const Communicator& comm, const Segments& segments,
                    std::span<const float> mine) {
  std::vector<double> blocks;
  const Index count = static_cast<Index>(mine.size());
  for (Index i = 0; i < count; i += kBlockElements) {
    blocks.push_back(BlockSquares(mine.data() + i, std::min(kBlockElements, count - i)));
  }
  Segments block_segments;
  for (Index offset : segments.offsets) {
    block_segments.offsets.push_back(RoundUp(offset, kBlockElements) / kBlockElements);
  }
  std::vector<double> all(static_cast<std::size_t>(block_segments.offsets.back()));
  comm.AllGather(blocks, block_segments, all.data());
  double sum = 0;
  for (double block : all) sum += block;
  return sum;
}

}  // namespace lockstep
