// Dropout masks depend on nothing but the seed, the step, the slot and the place in the model. So
// they are the same for any number of ranks and threads, and backward computes them again instead
// of keeping them.
#pragma once

#include "base/counter_rng.h"
#include "base/types.h"

namespace lockstep {

struct DropoutKey {
  std::uint64_t seed = 0;
  Index step = 0;
  Index slot = 0;
};

// The places of dropout in a model. Place k, for small k, is the output of recurrent layer k; the
// others are below. Changing a number changes the masks, and so the results.
inline constexpr Index kMostPlaces = 1 << 16;
inline constexpr Index kInputPlace = kMostPlaces - 1;   // the input of the first recurrent layer
inline constexpr Index kSymbolPlace = kMostPlaces - 2;  // whole symbols
// The output of the last layer, before the head.
inline constexpr Index kEncoderPlace = kMostPlaces - 3;
// The row of a sequence in a pooled head.
inline constexpr Index kPooledPlace = kMostPlaces - 4;
inline constexpr Index kEmbeddingPlace = kMostPlaces - 5;  // rows of the embedding, by symbol
inline constexpr Index kUnknownPlace = kMostPlaces - 6;    // words read as the unknown one
// The same places of a decoder, and the vectors that its head reads. Its recurrent layers are
// counted from kDecoderLayer, after those that an encoder may have.
inline constexpr Index kDecoderInputPlace = kMostPlaces - 7;
inline constexpr Index kDecoderSymbolPlace = kMostPlaces - 8;
inline constexpr Index kDecoderEmbeddingPlace = kMostPlaces - 9;
inline constexpr Index kDecoderPlace = kMostPlaces - 10;
inline constexpr Index kDecoderLayer = 1000;
inline constexpr Index kNoisePlace = kMostPlaces - 11;  // all parameters (worker/noisy_values.h)
// kDensePlaces + k is the output of dense layer k.
inline constexpr Index kDensePlaces = kMostPlaces / 2;
// kWeightPlaces + 2 * k + d are the recurrent weights of direction d of recurrent layer k; their
// masks are those of slot 0 for all slots.
inline constexpr Index kWeightPlaces = kMostPlaces / 16;
// kZoneoutPlaces + 4 * k + 2 * d + s are the outputs (s = 0) or cell states (s = 1) of direction d
// of recurrent layer k.
inline constexpr Index kZoneoutPlaces = kMostPlaces / 8;

// The generator of the masks of one place.
inline CounterRng DropoutRng(const DropoutKey& key, Index place) {
  return CounterRng(key.seed, RandomPurpose::kDropout, static_cast<std::uint64_t>(key.step),
                    static_cast<std::uint64_t>(key.slot * kMostPlaces + place));
}

}  // namespace lockstep
