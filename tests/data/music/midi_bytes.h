// MIDI files for tests, byte by byte.
#pragma once

#include <span>
#include <string>

#include "base/types.h"

namespace lockstep {

inline std::string BigEndian(Index value, int bytes) {
  std::string text;
  for (int i = bytes; i-- > 0;) text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}
// Text that holds zeros: Bytes("\x00\x90").
template <std::size_t N>
std::string Bytes(const char (&text)[N]) {
  return std::string(text, N - 1);
}
inline std::string MidiHeader(int format, int tracks, int division) {
  return "MThd" + BigEndian(6, 4) + BigEndian(format, 2) + BigEndian(tracks, 2) +
         BigEndian(division, 2);
}
inline std::string MidiTrack(const std::string& events) {
  return "MTrk" + BigEndian(static_cast<Index>(events.size()), 4) + events;
}
// One track of a file with 4 ticks per beat.
inline std::string MidiFile(const std::string& events) {
  return MidiHeader(0, 1, 4) + MidiTrack(events);
}
inline const std::string kEndOfTrack = Bytes("\x00\xFF\x2F\x00");

inline std::span<const std::byte> AsBytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace lockstep
