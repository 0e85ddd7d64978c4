#include "data/stream/frequency_warp.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"

namespace lockstep {
namespace {

// The index of a sample's random generator (RandomPurpose::kFrames).
constexpr std::uint64_t kWarpDraw = 30'030;

constexpr int kWarps = 65;  // that there are between -largest and largest; odd, so one is none

double Warped(double u, double a) {
  const double angle = std::numbers::pi * u;
  return u + 2 / std::numbers::pi * std::atan2(a * std::sin(angle), 1 - a * std::cos(angle));
}

}  // namespace

FrequencyWarp::FrequencyWarp(const FrequencyWarpOptions& options, Index width, Index bins)
    : options_(options), width_(width), bins_(bins), row_(static_cast<std::size_t>(width)) {
  LOCKSTEP_CHECK(options.largest >= 0 && options.largest < 1);
  LOCKSTEP_CHECK_EQ(width % bins, 0);
  if (options_.weights.empty()) options_.weights.assign(static_cast<std::size_t>(bins), 1);
  if (options_.mean.empty()) {
    options_.mean.assign(static_cast<std::size_t>(width), 0);
    options_.deviation.assign(static_cast<std::size_t>(width), 1);
  }
  LOCKSTEP_CHECK_EQ(std::ssize(options_.weights), bins);
  LOCKSTEP_CHECK_EQ(std::ssize(options_.mean), width);
  LOCKSTEP_CHECK_EQ(std::ssize(options_.deviation), width);
  for (int i = 0; i < kWarps; ++i) {
    const double a = options.largest * (2.0 * i / (kWarps - 1) - 1);
    warps_.push_back(Normalised(MatrixOf(a)));
  }
}

Index FrequencyWarp::Bytes(Index width, Index bins) {
  return kWarps * width * (bins + 1) * static_cast<Index>(sizeof(float));
}

std::vector<double> FrequencyWarp::MatrixOf(double a) const {
  std::vector<double> matrix(static_cast<std::size_t>(bins_ * bins_));
  if (options_.cepstra) {
    FillCepstra(a, &matrix);
  } else {
    FillBands(a, &matrix);
  }
  return matrix;
}

// c'(j) = sum over k of c(k) (k == 0 ? 1 : 2) integral over u of cos(pi j u) cos(pi k w(u)),
// because S(u) = c(0) + 2 sum over k >= 1 of c(k) cos(pi k u).
void FrequencyWarp::FillCepstra(double a, std::vector<double>* matrix) const {
  constexpr int kPoints = 256;
  const auto bins = static_cast<std::size_t>(bins_);
  std::vector<double> to(bins), from(bins);
  for (int point = 0; point < kPoints; ++point) {
    const double u = (point + 0.5) / kPoints, w = Warped(u, a);
    for (std::size_t k = 0; k < bins; ++k) {
      const double angle = std::numbers::pi * static_cast<double>(k);
      to[k] = options_.weights[k] * std::cos(angle * u) / kPoints;
      from[k] = (k == 0 ? 1 : 2) * std::cos(angle * w) / options_.weights[k];
    }
    for (std::size_t i = 0; i < bins * bins; ++i) (*matrix)[i] += to[i / bins] * from[i % bins];
  }
}

void FrequencyWarp::FillBands(double a, std::vector<double>* matrix) const {
  const auto bins = static_cast<double>(bins_);
  for (Index j = 0; j < bins_; ++j) {
    const double place = Warped((static_cast<double>(j) + 0.5) / bins, a) * bins - 0.5;
    const double clamped = std::clamp(place, 0.0, bins - 1);
    const Index left = std::min(static_cast<Index>(clamped), bins_ - 2);
    const double share = clamped - static_cast<double>(left);
    (*matrix)[static_cast<std::size_t>(j * bins_ + left)] = 1 - share;
    (*matrix)[static_cast<std::size_t>(j * bins_ + left + 1)] = share;
  }
}

FrequencyWarp::Warp FrequencyWarp::Normalised(const std::vector<double>& matrix) const {
  Warp warp;
  warp.matrices.reserve(static_cast<std::size_t>(width_ * bins_));
  warp.offsets.reserve(static_cast<std::size_t>(width_));
  for (Index block = 0; block < width_; block += bins_) {
    const double* const mean = options_.mean.data() + block;
    const double* const deviation = options_.deviation.data() + block;
    for (Index j = 0; j < bins_; ++j) {
      double moved = 0;
      for (Index k = 0; k < bins_; ++k) {
        const double m = matrix[static_cast<std::size_t>(j * bins_ + k)];
        warp.matrices.push_back(static_cast<float>(m * deviation[k] / deviation[j]));
        moved += m * mean[k];
      }
      warp.offsets.push_back(static_cast<float>((moved - mean[j]) / deviation[j]));
    }
  }
  return warp;
}

void FrequencyWarp::Apply(const CounterRng& rng, std::span<float> frames) {
  const Warp& warp = warps_[rng.Below(kWarpDraw, kWarps)];
  const double decay = options_.forgetting_frames == 0 ? 1 : 1 - 1 / options_.forgetting_frames;
  // A frame was normalised by the mean of `all` frames, of which `prior` are of the training split.
  double prior = options_.mean_frames;
  double all = prior;
  if (options_.forgetting_frames == 0) all += static_cast<double>(frames.size() / row_.size());
  for (std::size_t at = 0; at < frames.size(); at += row_.size()) {
    if (options_.forgetting_frames > 0) {  // as in RunningNormaliser
      prior *= decay;
      all = decay * all + 1;
    }
    ApplyTo(warp, options_.mean_frames == 0 ? 1 : prior / all, frames.data() + at);
  }
}

// One frame x [width]. The mean moves by the `share` of it that is that of the training split.
void FrequencyWarp::ApplyTo(const Warp& warp, double share, float* x) {
  for (Index i = 0; i < width_; ++i) {
    const float* const weights = warp.matrices.data() + i * bins_;
    const float* const block = x + i / bins_ * bins_;
    float sum = static_cast<float>(share) * warp.offsets[static_cast<std::size_t>(i)];
    for (Index k = 0; k < bins_; ++k) sum += weights[k] * block[k];
    row_[static_cast<std::size_t>(i)] = sum;
  }
  std::copy(row_.begin(), row_.end(), x);
}

}  // namespace lockstep
