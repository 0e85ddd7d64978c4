// Makes changed copies of recordings: with another speed (Ko et al. 2015), or with noise. Pure
// functions of their arguments.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/types.h"

namespace lockstep {

// Makes a recording faster by `factor`; its pitch changes, too. The result has samples.size() /
// factor samples, rounded up. Kaldi makes copies with 0.9 and 1.1. UsageError outside [1/256, 256].
std::vector<float> ChangeSpeed(std::span<const float> samples, double factor);

enum class NoiseKind {
  kWhite,  // equal power at all frequencies
  kPink,   // equal power in all octaves, from half the sample rate down by 15 octaves
};

// Adds noise whose power over the recording is that of the recording divided by 10^(snr_db / 10).
// The noise is a function of (seed, utterance, kind). Silence stays silence.
void AddNoise(NoiseKind kind, double snr_db, std::uint64_t seed, std::uint64_t utterance,
              std::span<float> samples);

}  // namespace lockstep
