// Plays a piano roll: each key is a sum of a few harmonics that fade away, the higher ones faster,
// as those of a plucked or struck string do. A plain sound, for listening to what a model has
// learned.
#pragma once

#include <cstdint>
#include <span>

#include "base/function_ref.h"
#include "data/music/piano_roll.h"

namespace lockstep {

struct SoundOptions {
  Index sample_rate = 44100;      // samples per second, 8000 to 192000
  double seconds_per_step = 0.5;  // 0.01 to 10
};

// Calls `use` with the samples of one step after another, from -32767 to 32767, and at the end with
// half a second in which the last notes fade. The loudness is chosen such that the step with the
// most keys cannot be clipped, whatever the phases of its harmonics. The same roll gives the same
// samples. Memory: one step.
void PlayRoll(const PianoRoll& roll, const SoundOptions& options,
              FunctionRef<void(std::span<const std::int16_t>)> use);

// Samples that PlayRoll gives altogether.
Index SamplesOf(const PianoRoll& roll, const SoundOptions& options);

}  // namespace lockstep
