#include "data/speech/sound/resampler.h"

#include <samplerate.h>

#include <algorithm>
#include <cmath>
#include <new>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr std::size_t kBlock = 4096;  // samples

double Checked(double ratio) {
  if (!(ratio >= 1 / Resampler::kHighestRatio && ratio <= Resampler::kHighestRatio)) {
    throw UsageError("cannot resample by a factor of {}, allowed are 1/{} .. {}", ratio,
                     Resampler::kHighestRatio, Resampler::kHighestRatio);
  }
  return ratio;
}

}  // namespace

Resampler::Resampler(double ratio) : ratio_(Checked(ratio)), output_(kBlock) {
  int error = 0;
  state_.reset(src_new(SRC_SINC_BEST_QUALITY, 1, &error));
  if (state_ == nullptr) throw std::bad_alloc();
  block_.reserve(kBlock);
}

Resampler::~Resampler() = default;
Resampler::Resampler(Resampler&&) noexcept = default;

void Resampler::Delete::operator()(SRC_STATE_tag* state) const { src_delete(state); }

Index Resampler::Samples(Index samples) const {
  return std::llround(static_cast<double>(samples) * ratio_);
}

void Resampler::Add(std::span<const float> samples, std::vector<float>* resampled) {
  received_ += static_cast<Index>(samples.size());
  if (ratio_ == 1) {
    resampled->insert(resampled->end(), samples.begin(), samples.end());
    produced_ = received_;
    return;
  }
  while (!samples.empty()) {
    const auto piece = samples.first(std::min(samples.size(), kBlock - block_.size()));
    block_.insert(block_.end(), piece.begin(), piece.end());
    samples = samples.subspan(piece.size());
    if (block_.size() == kBlock) Process(false, resampled);
  }
}

// The library may return one sample more or fewer than the rounded length; the result is then cut
// or filled with silence.
void Resampler::Finish(std::vector<float>* resampled) {
  if (ratio_ != 1) Process(true, resampled);
  const Index missing = Samples(received_) - produced_;
  resampled->resize(static_cast<std::size_t>(static_cast<Index>(resampled->size()) + missing));
  src_reset(state_.get());
  received_ = 0;
  produced_ = 0;
}

void Resampler::Process(bool at_end, std::vector<float>* resampled) {
  SRC_DATA data{};
  data.data_in = block_.data();
  data.input_frames = static_cast<long>(block_.size());
  data.data_out = output_.data();
  data.output_frames = static_cast<long>(output_.size());
  data.end_of_input = at_end ? 1 : 0;
  data.src_ratio = ratio_;
  do {
    const int error = src_process(state_.get(), &data);
    if (error != 0) throw BadData("cannot resample: {}", src_strerror(error));
    resampled->insert(resampled->end(), output_.data(), output_.data() + data.output_frames_gen);
    produced_ += data.output_frames_gen;
    data.data_in += data.input_frames_used;
    data.input_frames -= data.input_frames_used;
  } while (data.input_frames > 0 || data.output_frames_gen > 0);
  block_.clear();
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
