#include "data/speech/sound/resampler.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr std::size_t kPiece = 8192;  // samples that are held besides those that the filter needs

double Checked(double ratio) {
  if (!(ratio >= 1 / Resampler::kHighestRatio && ratio <= Resampler::kHighestRatio)) {
    throw UsageError("cannot resample by a factor of {}, allowed are 1/{} .. {}", ratio,
                     Resampler::kHighestRatio, Resampler::kHighestRatio);
  }
  return ratio;
}

}  // namespace

Resampler::Resampler(double ratio) : ratio_(AsFraction(Checked(ratio))) {
  if (ratio_ != RateRatio{}) filter_ = FilterFor(ratio_);
  Begin();
}

// Silence comes before the recording: as much as the first output sample needs.
void Resampler::Begin() {
  received_ = 0;
  produced_ = 0;
  fraction_ = 0;
  used_ = 0;
  held_.assign(filter_ == nullptr ? 0 : static_cast<std::size_t>(filter_->taps() / 2 - 1), 0.0f);
}

Index Resampler::Needed(Index sample) const {
  if (filter_ == nullptr) return sample + 1;
  return sample * ratio_.down / ratio_.up + filter_->taps() / 2 + 1;
}

void Resampler::Add(std::span<const float> samples, std::vector<float>* resampled) {
  if (filter_ == nullptr) {
    received_ += static_cast<Index>(samples.size());
    resampled->insert(resampled->end(), samples.begin(), samples.end());
    return;
  }
  while (!samples.empty()) {
    const auto piece = samples.first(std::min(samples.size(), kPiece));
    received_ += static_cast<Index>(piece.size());
    AddPiece(piece, resampled);
    samples = samples.subspan(piece.size());
  }
}

void Resampler::AddPiece(std::span<const float> samples, std::vector<float>* resampled) {
  if (used_ >= kPiece) {
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ = 0;
  }
  held_.insert(held_.end(), samples.begin(), samples.end());
  Produce(ratio_.Samples(received_), resampled);
}

// Appends output samples up to number `end`, as far as all input around them is held.
void Resampler::Produce(Index end, std::vector<float>* resampled) {
  const auto taps = static_cast<std::size_t>(filter_->taps());
  for (; produced_ < end && used_ + taps <= held_.size(); ++produced_) {
    resampled->push_back(filter_->At(fraction_, &held_[used_]));
    fraction_ += ratio_.down;
    used_ += static_cast<std::size_t>(fraction_ / ratio_.up);
    fraction_ %= ratio_.up;
  }
}

void Resampler::Finish(std::vector<float>* resampled) {
  if (filter_ != nullptr) {
    const std::vector<float> silence(static_cast<std::size_t>(filter_->taps() / 2));
    AddPiece(silence, resampled);
  }
  Begin();
}

std::vector<float> Resample(std::span<const float> samples, double ratio) {
  Resampler resampler(ratio);
  std::vector<float> resampled;
  resampled.reserve(
      static_cast<std::size_t>(resampler.Samples(static_cast<Index>(samples.size()))));
  resampler.Add(samples, &resampled);
  resampler.Finish(&resampled);
  return resampled;
}

}  // namespace lockstep
