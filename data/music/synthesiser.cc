#include "data/music/synthesiser.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr std::size_t kHarmonics = 6;
constexpr double kConcertPitch = 440, kConcertNote = 69;  // hertz of the A above middle C
constexpr double kFadeSeconds = 1.2;  // until a held first harmonic has 1/e of its amplitude
constexpr double kAttackSeconds = 0.005;
constexpr double kReleaseSeconds = 0.05;  // or one step, if that is shorter
constexpr double kTailSeconds = 0.5;
constexpr double kLoudest = 32767;

// A sine of 2^32 phases, from a table with straight lines between its points: whatever the sine of
// a machine's library has in its last bit, the samples are the same.
class SineTable {
 public:
  SineTable() {
    for (std::size_t i = 0; i < table_.size(); ++i) {
      table_[i] =
          static_cast<float>(std::sin(2 * std::numbers::pi * static_cast<double>(i) / kPoints));
    }
  }
  double At(std::uint32_t phase) const {
    constexpr int kShift = 32 - kBits;
    const std::uint32_t point = phase >> kShift;
    const double part = static_cast<double>(phase & ((1U << kShift) - 1)) / (1U << kShift);
    const auto low = static_cast<double>(table_[point]);
    return low + part * (static_cast<double>(table_[point + 1]) - low);
  }

 private:
  static constexpr int kBits = 12;
  static constexpr int kPoints = 1 << kBits;
  std::array<float, kPoints + 1> table_;
};

struct Harmonic {
  std::uint32_t phase = 0, advance = 0;  // advance 0: too high for the sample rate
  double amplitude = 0, fade = 1;        // factor of each sample
};

// A key that sounds.
struct Voice {
  std::array<Harmonic, kHarmonics> harmonics = {};
  double level = 0;  // 0 to 1: rises when the key is struck, falls when it is released
};

double FrequencyOf(std::size_t key) {
  const double note = static_cast<double>(key) + kLowestNote;
  return kConcertPitch * std::exp2((note - kConcertNote) / 12);
}

class Player {
 public:
  explicit Player(const SoundOptions& options)
      : rate_(static_cast<double>(options.sample_rate)),
        samples_(static_cast<std::size_t>(std::llround(rate_ * options.seconds_per_step))),
        attack_(1 / (rate_ * kAttackSeconds)),
        release_(1 / (rate_ * std::min(kReleaseSeconds, options.seconds_per_step))) {}

  // Adds the keys of a step to mix(); those of the step before fade.
  std::span<const double> Play(const KeySet& before, const KeySet& now, std::size_t samples) {
    mix_.assign(samples, 0);
    for (std::size_t key = 0; key < kKeys; ++key) {
      if (now[key] && !before[key]) Strike(key);
      if (now[key] || before[key]) AddVoice(now[key], &voices_[key]);
    }
    return mix_;
  }
  std::size_t samples() const { return samples_; }

 private:
  void Strike(std::size_t key) {
    Voice voice;
    for (std::size_t h = 0; h < kHarmonics; ++h) {
      const double number = static_cast<double>(h + 1);
      const double frequency = FrequencyOf(key) * number;
      if (frequency >= rate_ / 2) break;
      Harmonic& harmonic = voice.harmonics[h];
      harmonic.advance = static_cast<std::uint32_t>(std::llround(frequency / rate_ * 0x1p32));
      harmonic.amplitude = 1 / (number * number) / kSumOfAmplitudes;
      harmonic.fade = std::exp(-number / (kFadeSeconds * rate_));
    }
    voices_[key] = voice;
  }

  void AddVoice(bool is_held, Voice* voice) {
    for (double& sample : mix_) {
      voice->level =
          is_held ? std::min(voice->level + attack_, 1.0) : std::max(voice->level - release_, 0.0);
      double sum = 0;
      for (Harmonic& harmonic : voice->harmonics) {
        if (harmonic.advance == 0) break;
        sum += harmonic.amplitude * sine_.At(harmonic.phase);
        harmonic.phase += harmonic.advance;
        harmonic.amplitude *= harmonic.fade;
      }
      sample += voice->level * sum;
    }
  }

  // 1 + 1/4 + ... + 1/36: a voice is never above 1.
  static constexpr double kSumOfAmplitudes = 1 + 1.0 / 4 + 1.0 / 9 + 1.0 / 16 + 1.0 / 25 + 1.0 / 36;
  double rate_;
  std::size_t samples_;
  double attack_, release_;
  SineTable sine_;
  std::array<Voice, kKeys> voices_ = {};
  std::vector<double> mix_;
};

// Keys that sound at once at most: those of a step and those of the step before, which fade.
double MostVoices(const PianoRoll& roll) {
  KeySet before;
  std::size_t most = 1;
  for (const KeySet& now : roll.steps) {
    most = std::max(most, (before | now).count());
    before = now;
  }
  return static_cast<double>(most);
}

std::size_t TailSamples(const SoundOptions& options) {
  const double seconds = std::max(kTailSeconds, kReleaseSeconds);
  return static_cast<std::size_t>(std::llround(static_cast<double>(options.sample_rate) * seconds));
}

}  // namespace

Index SamplesOf(const PianoRoll& roll, const SoundOptions& options) {
  const auto step = static_cast<Index>(Player(options).samples());
  return step * std::ssize(roll.steps) + static_cast<Index>(TailSamples(options));
}

void PlayRoll(const PianoRoll& roll, const SoundOptions& options,
              FunctionRef<void(std::span<const std::int16_t>)> use) {
  LOCKSTEP_CHECK(8000 <= options.sample_rate && options.sample_rate <= 192000);
  LOCKSTEP_CHECK(0.01 <= options.seconds_per_step && options.seconds_per_step <= 10);
  Player player(options);
  const double gain = kLoudest / MostVoices(roll);
  std::vector<std::int16_t> samples;
  const auto play = [&](const KeySet& before, const KeySet& now, std::size_t count) {
    samples.clear();
    for (const double sample : player.Play(before, now, count))
      samples.push_back(static_cast<std::int16_t>(std::lround(gain * sample)));
    use(samples);
  };
  KeySet before;
  for (const KeySet& now : roll.steps) {
    play(before, now, player.samples());
    before = now;
  }
  play(before, {}, TailSamples(options));
}

}  // namespace lockstep
