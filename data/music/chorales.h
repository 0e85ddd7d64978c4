// Made-up music in four voices, for trying things out and for tests: chord progressions in random
// keys, the voices led to the nearest notes of each chord, with passing notes between.
#pragma once

#include <cstdint>

#include "data/music/piano_roll.h"

namespace lockstep {

// Chorale number `number`, a pure function of both arguments: 12 to 28 chords of two or four steps
// each, two steps per beat, in a major or minor key, from the tonic to the tonic.
PianoRoll MakeChorale(std::uint64_t seed, std::uint64_t number);

}  // namespace lockstep
