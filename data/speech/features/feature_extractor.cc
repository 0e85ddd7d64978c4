#include "data/speech/features/feature_extractor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/portable_math.h"
#include "data/speech/sound/vector_math.h"

namespace lockstep {
namespace {

// Kaldi's floor under every logarithm.
constexpr float kFloor = std::numeric_limits<float>::epsilon();

const FeatureOptions& Checked(const FeatureOptions& options) {
  CheckFeatureOptions(options);
  return options;
}

// A recording of which only the samples from index `begin` on are in memory.
struct Recording {
  std::span<const float> samples;
  Index begin;
  Index length() const { return begin + static_cast<Index>(samples.size()); }
  const float* At(Index sample) const { return samples.data() + (sample - begin); }
};

// Sets `frame` to the samples from index `first` on. Beyond its ends, the recording is mirrored,
// including the sample at the end: sample -1 is sample 0, sample -2 is sample 1.
void CopyMirrored(const Recording& recording, Index first, std::span<float> frame) {
  const Index length = recording.length();
  for (float& sample : frame) {
    Index place = first++;
    while (place < 0 || place >= length) place = place < 0 ? -place - 1 : 2 * length - 1 - place;
    sample = *recording.At(place);
  }
}

// The samples of a frame: a pointer into the recording, or to `buffer` if they must be mirrored.
const float* FrameSamples(const Recording& recording, Index first, Index count,
                          std::vector<float>* buffer) {
  if (first >= recording.begin && first + count <= recording.length()) return recording.At(first);
  buffer->resize(static_cast<std::size_t>(count));
  CopyMirrored(recording, first, *buffer);
  return buffer->data();
}

}  // namespace

FeatureExtractor::FeatureExtractor(const FeatureOptions& options)
    : options_(Checked(options)),
      window_(options),
      fft_(options.FftSize()),
      bank_(options),
      windowed_(static_cast<std::size_t>(options.FftSize())),
      spectrum_(static_cast<std::size_t>(options.FftSize() / 2 + 1)),
      energies_(static_cast<std::size_t>(options.num_mel_bins)) {
  if (options.kind == FeatureKind::kMfcc) FillCepstrumMatrix();
}

// c(k) = (1 + Q/2 sin(pi k / Q)) s(k) sum over n of cos(pi k (n + 1/2) / N) log E(n), with
// s(0) = sqrt(1/N) and s(k) = sqrt(2/N).
void FeatureExtractor::FillCepstrumMatrix() {
  const auto bins = static_cast<double>(options_.num_mel_bins);
  const double lifter = options_.cepstral_lifter;
  for (Index k = 0; k < options_.num_ceps; ++k) {
    const double angle = std::numbers::pi * static_cast<double>(k);
    const double lift = lifter == 0 ? 1 : 1 + 0.5 * lifter * std::sin(angle / lifter);
    const double scale = lift * std::sqrt((k == 0 ? 1 : 2) / bins);
    for (Index n = 0; n < options_.num_mel_bins; ++n) {
      const double cosine = std::cos(angle * (static_cast<double>(n) + 0.5) / bins);
      cepstrum_.push_back(static_cast<float>(scale * cosine));
    }
  }
}

Index FeatureExtractor::Frames(Index samples) const {
  const Index shift = options_.FrameShift();
  if (!options_.snip_edges) return (samples + shift / 2) / shift;
  const Index room = samples - options_.FrameLength();
  return room < 0 ? 0 : 1 + room / shift;
}

Index FeatureExtractor::FirstSample(Index frame) const {
  const Index shift = options_.FrameShift();
  if (options_.snip_edges) return frame * shift;
  return frame * shift + shift / 2 - options_.FrameLength() / 2;
}

void FeatureExtractor::Compute(std::span<const float> samples, float* rows) {
  const Recording recording{samples, 0};
  const Index frames = Frames(recording.length());
  for (Index frame = 0; frame < frames; ++frame) {
    const float* begin =
        FrameSamples(recording, FirstSample(frame), options_.FrameLength(), &mirrored_);
    ComputeFrame(begin, rows + frame * width());
  }
}

void FeatureExtractor::ComputeFrame(const float* frame, float* row) {
  window_.Apply(frame, windowed_.data());
  fft_.PowerSpectrum(windowed_.data(), spectrum_.data());
  if (options_.kind == FeatureKind::kMfcc) {
    ComputeCepstrum(row);
  } else {
    ComputeFilterBank(row);
  }
}

void FeatureExtractor::ComputeFilterBank(float* row) {
  if (!options_.use_power) {
    for (float& value : spectrum_) value = std::sqrt(value);
  }
  if (options_.use_energy) *row++ = LogEnergy();
  bank_.Apply(spectrum_.data(), row);
  if (options_.use_log_fbank) Logarithms(kFloor, {row, static_cast<std::size_t>(bank_.bins())});
}

void FeatureExtractor::ComputeCepstrum(float* row) {
  bank_.Apply(spectrum_.data(), energies_.data());
  Logarithms(kFloor, energies_);
  MultiplyVector(cepstrum_.data(), energies_.data(), options_.num_ceps, bank_.bins(), row);
  if (options_.use_energy) row[0] = LogEnergy();
}

float FeatureExtractor::LogEnergy() const {
  auto energy = static_cast<float>(window_.Energy(windowed_.data()));
  Logarithms(std::max(kFloor, static_cast<float>(options_.energy_floor)), {&energy, 1});
  return energy;
}

void FeatureStream::Add(std::span<const float> samples, std::vector<float>* rows) {
  kept_.insert(kept_.end(), samples.begin(), samples.end());
  const Index received = kept_begin_ + static_cast<Index>(kept_.size());
  const Index length = extractor_->options().FrameLength();
  while (extractor_->FirstSample(next_frame_) + length <= received) AppendRow(rows);
  DropUsed();
}

void FeatureStream::Finish(std::vector<float>* rows) {
  const Index received = kept_begin_ + static_cast<Index>(kept_.size());
  while (next_frame_ < extractor_->Frames(received)) AppendRow(rows);
  kept_.clear();
  kept_begin_ = 0;
  next_frame_ = 0;
}

void FeatureStream::AppendRow(std::vector<float>* rows) {
  const float* begin = FrameSamples({kept_, kept_begin_}, extractor_->FirstSample(next_frame_++),
                                    extractor_->options().FrameLength(), &mirrored_);
  const std::size_t end = rows->size();
  rows->resize(end + static_cast<std::size_t>(extractor_->width()));
  extractor_->ComputeFrame(begin, rows->data() + end);
}

// Drops samples that are not needed any more. Keeps one frame more than the next frame needs,
// because the last frames may be mirrored into it.
void FeatureStream::DropUsed() {
  const Index needed =
      extractor_->FirstSample(next_frame_) - extractor_->options().FrameLength() - 1;
  const Index drop = std::min(needed - kept_begin_, static_cast<Index>(kept_.size()));
  if (drop <= 0) return;
  kept_.erase(kept_.begin(), kept_.begin() + drop);
  kept_begin_ += drop;
}

}  // namespace lockstep
