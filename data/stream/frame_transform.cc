#include "data/stream/frame_transform.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "base/error.h"

namespace lockstep {
namespace {

// The indices of a sample's random generator at which each kind of draw begins.
constexpr std::uint64_t kStretchDraw = 0;
constexpr std::uint64_t kTimeMaskDraws = 1'000;
constexpr std::uint64_t kBandMaskDraws = 2'000;
constexpr std::uint64_t kChannelDraws = 900'000;
constexpr std::uint64_t kNoiseDraws = 1'000'000;

constexpr Index kLeastFramesOfMask = 5;  // a mask is at most a fifth of the frames

// Noise is nearly normal: each value is a sum of four uniform 16-bit integers. Integers, because
// their sums are the same on every machine.
constexpr Index kUniformsOfNormal = 4;
constexpr float kMeanOfSum = 2.0f * 65535.0f;
constexpr float kDeviationOfSum = 37837.23f;  // sqrt(4 / 12) * 65536

struct MaskPlace {
  Index first = 0;
  Index count = 0;
};

// Draws a mask of 0 to `widest` places, at a random position among `places` places.
MaskPlace DrawMask(const CounterRng& rng, std::uint64_t draw, Index widest, Index places) {
  const auto below = [&](std::uint64_t index, Index n) {
    return static_cast<Index>(rng.Below(index, static_cast<std::uint64_t>(n)));
  };
  const Index count = below(2 * draw, std::min(widest, places) + 1);
  return {below(2 * draw + 1, places - count + 1), count};
}

// Adds to each value a nearly normal number with mean 0 and the given standard deviation.
void AddNormals(const CounterRng& rng, std::uint64_t draws, double deviation,
                std::span<float> values) {
  constexpr Index kWords = 4 * CounterRng::kManyBlocks;
  constexpr Index kNormals = 2 * kWords / kUniformsOfNormal;
  const float scale = static_cast<float>(deviation) / kDeviationOfSum;
  std::array<std::uint32_t, kWords> words;
  const auto count = static_cast<Index>(values.size());
  for (Index first = 0; first < count; first += kNormals) {
    rng.FillBlocks(draws + static_cast<std::uint64_t>(first / 2), words);
    for (Index i = 0; i < std::min(kNormals, count - first); ++i) {
      const std::uint32_t a = words[static_cast<std::size_t>(2 * i)];
      const std::uint32_t b = words[static_cast<std::size_t>(2 * i + 1)];
      const std::uint32_t sum = (a & 0xffff) + (a >> 16) + (b & 0xffff) + (b >> 16);
      values[static_cast<std::size_t>(first + i)] += scale * (static_cast<float>(sum) - kMeanOfSum);
    }
  }
}

}  // namespace

bool FrameOptions::IsIdentity() const {
  return stack == 1 && stride == 1 && stretch == 0 && time_masks == 0 && band_masks == 0 &&
         noise == 0 && channel == 0;
}

FrameTransform::FrameTransform(const FrameOptions& options, std::uint64_t seed, Index width)
    : options_(options), seed_(seed), width_(width) {
  LOCKSTEP_CHECK(options.stack >= 1 && options.stride >= 1 && width >= 1);
  LOCKSTEP_CHECK(options.stretch >= 0 && options.stretch < 1);
  if (options_.bins == 0) options_.bins = width;
  LOCKSTEP_CHECK_EQ(width % options_.bins, 0);
}

CounterRng FrameTransform::Rng(Index epoch, std::uint64_t sample_id) const {
  return CounterRng(seed_, RandomPurpose::kFrames, static_cast<std::uint64_t>(epoch), sample_id);
}

// Two steps per label and one more are enough for any labels. A sample is not shortened below that,
// and not at all if it has fewer steps already.
Index FrameTransform::FramesAfterStretch(Index frames, Index targets, const CounterRng& rng) const {
  if (options_.stretch == 0) return frames;
  const double factor = 1 + options_.stretch * (2 * rng.Uniform(kStretchDraw) - 1);
  const auto stretched = static_cast<Index>(std::floor(static_cast<double>(frames) * factor + 0.5));
  const Index enough = std::min(frames, options_.stride * (2 * targets + 1));
  return std::max(stretched, enough);
}

Index FrameTransform::Steps(Index frames, Index targets, Index epoch,
                            std::uint64_t sample_id) const {
  return StepsOf(FramesAfterStretch(frames, targets, Rng(epoch, sample_id)));
}

Index FrameTransform::MostFrames(Index frames) const {
  return static_cast<Index>(std::floor(static_cast<double>(frames) * (1 + options_.stretch) + 0.5));
}

void FrameTransform::Reserve(Index frames) {
  values_.reserve(static_cast<std::size_t>(MostFrames(frames) * width_));
  channel_.reserve(static_cast<std::size_t>(options_.bins));
}

void FrameTransform::Apply(std::span<const float> frames, Index targets, Index epoch,
                           std::uint64_t sample_id) {
  const CounterRng rng = Rng(epoch, sample_id);
  frames_ = FramesAfterStretch(static_cast<Index>(frames.size()) / width_, targets, rng);
  Stretch(frames);
  if (warp_ != nullptr) warp_->Apply(rng, values_);
  if (mixer_ != nullptr) mixer_->Apply(rng, values_);
  if (options_.channel > 0) AddChannel(rng);
  if (options_.noise > 0) AddNoise(rng);
  MaskTime(rng);
  MaskBands(rng);
}

// New frame t is taken at position t * (old - 1) / (new - 1) of the old frames, by linear
// interpolation between two of them.
void FrameTransform::Stretch(std::span<const float> frames) {
  const Index before = static_cast<Index>(frames.size()) / width_;
  values_.resize(static_cast<std::size_t>(frames_ * width_));
  if (before == frames_) {
    std::copy(frames.begin(), frames.end(), values_.begin());
    return;
  }
  for (Index t = 0; t < frames_; ++t) {
    const Index scaled = t * (before - 1), parts = std::max<Index>(frames_ - 1, 1);
    const Index left = scaled / parts, right = std::min(left + 1, before - 1);
    const float share = static_cast<float>(scaled % parts) / static_cast<float>(parts);
    const float* const a = frames.data() + left * width_;
    const float* const b = frames.data() + right * width_;
    float* const out = Frame(t);
    for (Index i = 0; i < width_; ++i) out[i] = a[i] + share * (b[i] - a[i]);
  }
}

void FrameTransform::AddNoise(const CounterRng& rng) {
  AddNormals(rng, kNoiseDraws, options_.noise, values_);
}

void FrameTransform::AddChannel(const CounterRng& rng) {
  channel_.assign(static_cast<std::size_t>(options_.bins), 0.0f);
  AddNormals(rng, kChannelDraws, options_.channel, channel_);
  for (Index t = 0; t < frames_; ++t) {
    std::transform(channel_.begin(), channel_.end(), Frame(t), Frame(t), std::plus<>());
  }
}

void FrameTransform::MaskTime(const CounterRng& rng) {
  const Index widest = std::min(options_.time_mask_frames, frames_ / kLeastFramesOfMask);
  for (Index m = 0; m < options_.time_masks; ++m) {
    const MaskPlace mask =
        DrawMask(rng, kTimeMaskDraws + static_cast<std::uint64_t>(m), widest, frames_);
    std::fill_n(Frame(mask.first), mask.count * width_, 0.0f);
  }
}

void FrameTransform::MaskBands(const CounterRng& rng) {
  for (Index m = 0; m < options_.band_masks; ++m) {
    const MaskPlace mask = DrawMask(rng, kBandMaskDraws + static_cast<std::uint64_t>(m),
                                    options_.band_mask_bins, options_.bins);
    for (Index t = 0; t < frames_; ++t) {
      for (Index block = 0; block < width_; block += options_.bins) {
        std::fill_n(Frame(t) + block + mask.first, mask.count, 0.0f);
      }
    }
  }
}

// The window of a step extends equally far to the left and to the right of its stride.
void FrameTransform::Stack(Index step, float* row) const {
  const Index first = step * options_.stride - (options_.stack - options_.stride) / 2;
  for (Index k = 0; k < options_.stack; ++k) {
    const Index t = std::clamp<Index>(first + k, 0, frames_ - 1);
    std::copy_n(values_.data() + t * width_, width_, row + k * width_);
  }
}

}  // namespace lockstep
