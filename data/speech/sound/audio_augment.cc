#include "data/speech/sound/audio_augment.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/counter_rng.h"
#include "data/speech/sound/resampler.h"
#include "data/speech/sound/vector_math.h"

namespace lockstep {
namespace {

constexpr int kOctaves = 16;  // octaves of pink noise; the lowest changes every 32768 samples

// The sum of four uniform numbers minus its mean 2. It is nearly normal with variance 1/3, and
// needs no functions of the C library.
float NearlyNormal(const std::uint32_t* words) {
  const std::uint64_t sum = std::uint64_t{words[0]} + words[1] + words[2] + words[3];
  return static_cast<float>(static_cast<double>(sum) * 0x1p-32 - 2);
}

std::vector<float> WhiteNoise(const CounterRng& rng, std::size_t count) {
  std::vector<float> noise(count);
  std::array<std::uint32_t, 4 * CounterRng::kManyBlocks> words;
  constexpr auto kMany = static_cast<std::size_t>(CounterRng::kManyBlocks);
  for (std::size_t begin = 0; begin < count; begin += kMany) {
    rng.FillBlocks(begin, words);
    for (std::size_t i = begin; i < std::min(begin + kMany, count); ++i) {
      noise[i] = NearlyNormal(&words[4 * (i - begin)]);
    }
  }
  return noise;
}

// Pink noise by the method of Voss (Gardner 1978): a sum of white noises of which number k changes
// every 2^k samples.
std::vector<float> PinkNoise(const CounterRng& rng, std::size_t count) {
  std::vector<float> noise(count);
  for (int octave = 0; octave < kOctaves; ++octave) {
    const std::uint64_t first = static_cast<std::uint64_t>(octave) << 48;
    const std::size_t step = std::size_t{1} << octave;
    for (std::size_t begin = 0; begin < count; begin += step) {
      const float value = NearlyNormal(rng.BlockAt(first + begin / step).data());
      for (std::size_t i = begin; i < std::min(begin + step, count); ++i) noise[i] += value;
    }
  }
  return noise;
}

}  // namespace

std::vector<float> ChangeSpeed(std::span<const float> samples, double factor) {
  return Resample(samples, 1 / factor);
}

void AddNoise(NoiseKind kind, double snr_db, std::uint64_t seed, std::uint64_t utterance,
              std::span<float> samples) {
  const CounterRng rng(seed, RandomPurpose::kNoise, utterance, static_cast<std::uint64_t>(kind));
  const std::vector<float> noise =
      kind == NoiseKind::kWhite ? WhiteNoise(rng, samples.size()) : PinkNoise(rng, samples.size());
  const auto count = static_cast<Index>(samples.size());
  const double noise_power = SumOfSquares(noise.data(), count);
  if (noise_power == 0) return;
  const double ratio = SumOfSquares(samples.data(), count) / noise_power;
  const auto scale = static_cast<float>(std::sqrt(ratio) * std::pow(10, -snr_db / 20));
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] += scale * noise[i];
}

}  // namespace lockstep
