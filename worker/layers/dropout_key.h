// What dropout masks depend on: nothing but the seed, the step, the slot and the place in the
// model. So the masks are the same for any number of ranks and threads, and backward draws them
// again instead of keeping them.
#pragma once

#include "base/counter_rng.h"
#include "base/types.h"

namespace lockstep {

struct DropoutKey {
  std::uint64_t seed = 0;
  Index step = 0;
  Index slot = 0;
};

// Places of dropout in a model. Recurrent layer k has place k: dropout on its output.
inline constexpr Index kMostPlaces = 1 << 16;
inline constexpr Index kInputPlace = kMostPlaces - 1;   // on what the first layer reads
inline constexpr Index kSymbolPlace = kMostPlaces - 2;  // on whole symbols
inline constexpr Index kEncoderPlace =
    kMostPlaces - 3;  // on the output of the last layer, before the head
inline constexpr Index kPooledPlace =
    kMostPlaces - 4;  // on the row of a sequence that a pooled head reads
inline constexpr Index kDensePlaces = kMostPlaces / 2;  // plus k: on the output of dense layer k

// The generator of the masks of one place. Masks that were drawn before places had names stay the
// same: the numbers are part of the numerics.
inline CounterRng DropoutRng(const DropoutKey& key, Index place) {
  return CounterRng(key.seed, RandomPurpose::kDropout, static_cast<std::uint64_t>(key.step),
                    static_cast<std::uint64_t>(key.slot * kMostPlaces + place));
}

}  // namespace lockstep
