// From the notes of a MIDI file to a piano roll, and back to a file.
#pragma once

#include <string>

#include "data/music/midi_file.h"
#include "data/music/piano_roll.h"

namespace lockstep {

// What a roll does not have of its file.
struct MidiLosses {
  Index percussion = 0;    // notes of channel 10
  Index off_keyboard = 0;  // notes that no piano has
  Index endless = 0;       // notes that nothing ended
  MidiLosses& operator+=(const MidiLosses& other);
};

// The steps of a piece, `steps_per_beat` (at least 1) for each beat. A note sounds from the step
// whose beginning is nearest to its start until before the step whose beginning is nearest to its
// end, but in one step at least. The roll ends where the last track does. BadData that names `file`
// if it has more than kMostSteps steps.
PianoRoll RollOfMidi(const std::string& file, const MidiSong& song, Index steps_per_beat,
                     MidiLosses* losses);

// A file of format 0 with the notes of the roll, which RollOfMidi turns into the same roll if its
// `steps_per_beat` is the same (1 to 256). A key that sounds in several steps in a row is one note.
// `beats_per_minute` is how fast it is played, 4 to 6000.
std::string MidiOfRoll(const PianoRoll& roll, Index steps_per_beat, double beats_per_minute);

}  // namespace lockstep
