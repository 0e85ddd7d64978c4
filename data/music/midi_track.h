// Reads the events of one track of a MIDI file.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "data/music/midi_file.h"

namespace lockstep {

// A part of a MIDI file that is read from its beginning; no read goes past its end.
class MidiBytes {
 public:
  // `offset` of the part in the file. `file` and `bytes` must outlive it.
  MidiBytes(const std::string& file, std::span<const std::byte> bytes, std::size_t offset)
      : file_(file), rest_(bytes), offset_(offset) {}

  std::size_t left() const { return rest_.size(); }
  std::size_t place() const { return offset_; }  // of the next byte in the file
  // BadData unless there are so many bytes left.
  void Need(std::size_t bytes, const char* what) const;
  // The next byte, of which there must be one; `what` it is for.
  int Byte(const char* what);
  // The next byte, which stays the next one.
  int Peek(const char* what) const;
  // A number of `bytes` bytes, the highest first.
  std::size_t Number(std::size_t bytes);
  // A number of 1 to 4 bytes of seven bits each.
  std::size_t VariableNumber(const char* what);
  std::string_view Text(std::size_t bytes);
  // The next `bytes` bytes as a part of their own.
  MidiBytes Part(std::size_t bytes);
  // BadData that names file and byte.
  [[noreturn]] void FailAt(std::size_t place, const std::string& what) const;

 private:
  const std::string& file_;
  std::span<const std::byte> rest_;
  std::size_t offset_;
};

// Adds the notes of a track to the song. A note-on of a key that sounds already ends it and strikes
// it again. The earliest tempo of all tracks becomes the first tempo of the song if it stands at
// tick 0.
void ReadMidiTrack(MidiBytes* in, MidiSong* song);

}  // namespace lockstep
