#include "data/stream/energy_mix.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/portable_math.h"

namespace lockstep {
namespace {

// The indices of a sample's random generator (RandomPurpose::kFrames); splices use those before.
constexpr std::uint64_t kGainDraw = 30'000;
constexpr std::uint64_t kNoiseDraw = 30'010, kSnrDraw = 30'011, kStartDraw = 30'012;
constexpr std::uint64_t kRoomDraw = 30'020, kSecondsDraw = 30'021, kDirectDraw = 30'022;

constexpr float kLogOf10 = 2.302585093f;
constexpr float kLeastEnergy = 1e-35f;  // close to the least normal float

// Energy that reaches the microphone directly, over that of the echo, in dB: from far away in a
// large room to close by.
constexpr double kLeastDirectDb = -2, kMostDirectDb = 12;

double Between(double low, double high, double share) { return low + (high - low) * share; }

double Sum(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += value;
  return sum;
}

void Scale(double factor, std::vector<float>* values) {
  for (float& value : *values) value *= static_cast<float>(factor);
}

}  // namespace

// By Exponentials, for its bits.
double EnergyFactor(double decibels) {
  constexpr double kTenthOfLog10 = 0.2302585092994046;
  auto value = static_cast<float>(decibels * kTenthOfLog10);
  Exponentials({&value, 1});
  return value;
}

EnergyMixer::EnergyMixer(const EnergyMixOptions& options, Index width, Index most_frames,
                         FrameCollection noise, FrameCollection rooms)
    : options_(options), width_(width), noise_(std::move(noise)), rooms_(std::move(rooms)) {
  LOCKSTEP_CHECK(!options.uses_noise() || (noise_.width == width && noise_.frames() > 0));
  LOCKSTEP_CHECK(!options.uses_rooms() || (rooms_.width == width && rooms_.frames() > 0));
  if (options_.mean.empty()) {
    options_.mean.assign(static_cast<std::size_t>(width), 0);
    options_.deviation.assign(static_cast<std::size_t>(width), 1);
  }
  LOCKSTEP_CHECK_EQ(std::ssize(options_.mean), width);
  LOCKSTEP_CHECK_EQ(std::ssize(options_.deviation), width);
  Exponentials(noise_.values);
  Exponentials(rooms_.values);
  if (options.noise_share == 0 && options.room_share == 0) return;
  energies_.reserve(static_cast<std::size_t>(most_frames * width));
  if (options.uses_rooms()) before_.reserve(static_cast<std::size_t>(most_frames * width));
  echo_.resize(static_cast<std::size_t>(width));
}

void EnergyMixer::Apply(const CounterRng& rng, std::span<float> frames) {
  const double decibels = options_.gain_db * (2 * rng.Uniform(kGainDraw) - 1);
  const bool with_room = rng.Uniform(kRoomDraw) < options_.room_share;
  const bool with_noise = rng.Uniform(kNoiseDraw) < options_.noise_share;
  if (with_room || with_noise) {
    ToEnergies(frames);
    if (with_room) AddRoom(rng);
    if (with_noise) AddNoise(rng);
    FromEnergies(frames);
  }
  if (options_.gain_db > 0) AddGain(static_cast<float>(decibels) / 10 * kLogOf10, frames);
}

void EnergyMixer::AddGain(float log_factor, std::span<float> frames) const {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    frames[i] += log_factor / options_.deviation[i % options_.deviation.size()];
  }
}

void EnergyMixer::ToEnergies(std::span<const float> frames) {
  energies_.resize(frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const std::size_t band = i % options_.mean.size();
    energies_[i] = frames[i] * options_.deviation[band] + options_.mean[band];
  }
  Exponentials(energies_);
}

void EnergyMixer::FromEnergies(std::span<float> frames) {
  Logarithms(kLeastEnergy, energies_);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const std::size_t band = i % options_.mean.size();
    frames[i] = (energies_[i] - options_.mean[band]) / options_.deviation[band];
  }
}

// The sample keeps its energy, so that a room is not a gain, too.
void EnergyMixer::AddRoom(const CounterRng& rng) {
  const double before = Sum(energies_);
  if (options_.uses_rooms()) {
    AddStoredRoom(rng);
  } else {
    AddDrawnRoom(rng);
  }
  Scale(before / std::max(Sum(energies_), 1e-30), &energies_);
}

// An echo that decays exponentially, by 60 dB in the drawn time, the same in all bands. Its energy
// in frame t + k is c d^k of that of the direct sound in frame t, k >= 1; the sum over k is the
// drawn ratio. So the echo of a frame is d times (echo + direct sound of the frame before).
void EnergyMixer::AddDrawnRoom(const CounterRng& rng) {
  const double seconds =
      Between(options_.room_low_seconds, options_.room_high_seconds, rng.Uniform(kSecondsDraw));
  const double direct = Between(kLeastDirectDb, kMostDirectDb, rng.Uniform(kDirectDraw));
  const double decay = EnergyFactor(-60 * options_.frame_seconds / seconds);
  const double factor = EnergyFactor(-direct) * (1 - decay) / decay;
  std::ranges::fill(echo_, 0);
  const auto width = static_cast<std::size_t>(width_);
  for (std::size_t at = 0; at < energies_.size(); at += width) {
    for (std::size_t i = 0; i < width; ++i) {
      const double own = energies_[at + i];
      energies_[at + i] = static_cast<float>(own + factor * echo_[i]);
      echo_[i] = decay * (echo_[i] + own);
    }
  }
}

void EnergyMixer::AddStoredRoom(const CounterRng& rng) {
  const auto room = static_cast<std::size_t>(
      rng.Below(kSecondsDraw, static_cast<std::uint64_t>(rooms_.recordings())));
  const Index first = rooms_.offsets[room], taps = rooms_.offsets[room + 1] - first;
  before_.assign(energies_.begin(), energies_.end());
  std::ranges::fill(energies_, 0);
  for (Index t = 0; t < Frames(); ++t) {
    float* const out = energies_.data() + t * width_;
    for (Index k = 0; k <= std::min(t, taps - 1); ++k) {
      const float* const response = rooms_.values.data() + (first + k) * width_;
      const float* const source = before_.data() + (t - k) * width_;
      for (Index i = 0; i < width_; ++i) out[i] += response[i] * source[i];
    }
  }
}

// Each frame of all recordings is equally likely to be the first one. A recording that ends before
// the sample begins again.
void EnergyMixer::AddNoise(const CounterRng& rng) {
  const auto start =
      static_cast<Index>(rng.Below(kStartDraw, static_cast<std::uint64_t>(noise_.frames())));
  const auto recording = static_cast<std::size_t>(noise_.RecordingOf(start));
  const Index first = noise_.offsets[recording], count = noise_.offsets[recording + 1] - first;
  const auto noise_at = [&](Index t) {
    return std::span(noise_.values)
        .subspan(static_cast<std::size_t>((first + (start - first + t) % count) * width_),
                 static_cast<std::size_t>(width_));
  };
  double noise = 0;
  for (Index t = 0; t < Frames(); ++t) noise += Sum(noise_at(t));
  const double ratio = Between(options_.snr_low_db, options_.snr_high_db, rng.Uniform(kSnrDraw));
  const auto factor =
      static_cast<float>(Sum(energies_) / std::max(noise, 1e-30) * EnergyFactor(-ratio));
  for (Index t = 0; t < Frames(); ++t) {
    const std::span<const float> added = noise_at(t);
    float* const out = energies_.data() + t * width_;
    for (Index i = 0; i < width_; ++i) out[i] += factor * added[static_cast<std::size_t>(i)];
  }
}

}  // namespace lockstep
