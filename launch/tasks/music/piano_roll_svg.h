// A picture of a piano roll: time from left to right, low notes below, a bar for each note.
#pragma once

#include <string>

#include "data/music/piano_roll.h"

namespace lockstep {

// `prefix_steps` steps at the beginning, which were given to the model, are drawn in grey. Notes
// that sound in several steps in a row are one bar. At most 4096 pixels wide, so the steps of long
// pieces are narrow.
std::string PianoRollSvg(const PianoRoll& roll, Index steps_per_beat, Index prefix_steps);

}  // namespace lockstep
