// Reads Standard MIDI Files ("Standard MIDI-File Format Specification 1.1", MIDI Manufacturers
// Association 1996), formats 0 and 1, with running status and tempo changes. No length, count or
// offset of the file is trusted.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

// A note in ticks since the start of the piece; `end` is greater than or equal to `start`.
struct MidiNote {
  Index start = 0;
  Index end = 0;
  int channel = 0;  // 0 to 15; 9 is percussion
  int note = 0;     // 0 to 127
};

struct MidiSong {
  Index ticks_per_beat = 0;          // 1 to 32767
  Index ticks = 0;                   // where the last track ends
  double first_tempo = 120;          // beats per minute at the start
  std::vector<MidiNote> notes = {};  // track by track, in the order of their ends
  Index endless = 0;                 // notes that nothing ended; they end with their track
};

// `file` names the bytes in messages. BadData that names file and byte for anything that is not as
// the specification has it, for format 2 (independent patterns), and for ticks that are parts of a
// second (SMPTE) instead of a beat.
MidiSong ParseMidi(const std::string& file, std::span<const std::byte> bytes);

// Reads a file of at most 64 MiB. MissingInput if it does not exist.
MidiSong ReadMidiFile(const std::string& path);

// Whether the file begins as a MIDI file does. MissingInput if it does not exist.
bool IsMidiFile(const std::string& path);

}  // namespace lockstep
