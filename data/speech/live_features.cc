#include "data/speech/live_features.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace lockstep {
namespace {

// What can be known of sound that has not ended.
void RequireKnown(Normalisation normalise) {
  if (normalise == Normalisation::kNone || normalise == Normalisation::kGlobal ||
      normalise == Normalisation::kRunning) {
    return;
  }
  throw UsageError(
      "the features of the run are normalised by {}, which is known only when a recording has "
      "ended: prepare the corpus with --normalise global or running, and train again",
      NormalisationName(normalise));
}

}  // namespace

LiveFeatures::LiveFeatures(const SoundOptions& sound, Index rate)
    : rate_(rate),
      deltas_(sound.deltas),
      normalise_(sound.normalise),
      resampler_(sound.features.sample_rate / static_cast<double>(rate)),
      extractor_(sound.features),
      features_(&extractor_),
      training_(sound.training) {
  RequireKnown(normalise_);
  if (deltas_ > 0) delta_stream_.emplace(extractor_.width(), deltas_);
  if (normalise_ == Normalisation::kRunning) running_.emplace(*training_);
}

double LiveFeatures::KnownAfter(Index frame) const {
  const Index last = frame + (delta_stream_ ? delta_stream_->look_ahead() : 0);
  const Index samples = extractor_.FirstSample(last) + extractor_.options().FrameLength();
  return static_cast<double>(resampler_.Needed(samples - 1)) / static_cast<double>(rate_);
}

void LiveFeatures::Add(std::span<const float> samples, std::vector<float>* frames) {
  resampled_.clear();
  resampler_.Add(samples, &resampled_);
  rows_.clear();
  features_.Add(resampled_, &rows_);
  AddFeatures(false, frames);
}

void LiveFeatures::Finish(std::vector<float>* frames) {
  resampled_.clear();
  resampler_.Finish(&resampled_);
  rows_.clear();
  features_.Add(resampled_, &rows_);
  features_.Finish(&rows_);
  AddFeatures(true, frames);
}

void LiveFeatures::AddFeatures(bool ends, std::vector<float>* frames) {
  const auto finite = [](float value) { return std::isfinite(value); };
  if (!std::ranges::all_of(rows_, finite)) {
    throw BadData("a feature is not finite within {} frames after frame {}",
                  static_cast<Index>(rows_.size()) / extractor_.width(), frames_);
  }
  const std::size_t begin = frames->size();
  if (delta_stream_) {
    delta_stream_->Add(rows_, frames);
    if (ends) delta_stream_->Finish(frames);
  } else {
    frames->insert(frames->end(), rows_.begin(), rows_.end());
  }
  const std::span<float> added = std::span(*frames).subspan(begin);
  if (normalise_ == Normalisation::kGlobal) NormaliseBy(*training_, added);
  if (running_) running_->Apply(added);
  frames_ += static_cast<Index>(added.size()) / width();
}

}  // namespace lockstep
