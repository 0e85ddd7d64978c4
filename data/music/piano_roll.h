// A piano roll: which keys of a piano sound in each step of a piece of music. Steps are a fixed
// part of a beat long. A roll does not say whether a key that sounds in two steps in a row was
// struck once or twice.
#pragma once

#include <bitset>
#include <cstddef>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

// The keys of a piano, as MIDI numbers its notes: 21 is the lowest A, 60 middle C.
inline constexpr int kLowestNote = 21;
inline constexpr int kHighestNote = 108;
inline constexpr std::size_t kKeys = kHighestNote - kLowestNote + 1;

// The most steps of a piece; damaged files claim more. 36 hours at 120 beats a minute, 4 steps
// each.
inline constexpr Index kMostSteps = Index{1} << 20;

// Bit k is the key of note kLowestNote + k.
using KeySet = std::bitset<kKeys>;

struct PianoRoll {
  std::string name = {};
  std::vector<KeySet> steps = {};
};

inline bool IsKey(int note) { return note >= kLowestNote && note <= kHighestNote; }
inline std::size_t KeyOf(int note) { return static_cast<std::size_t>(note - kLowestNote); }

// [kKeys]: "A0", "A#0", "B0", "C1" to "C8".
std::vector<std::string> KeyNames();

// The same piece `semitones` higher; nothing if a note would leave the keyboard.
bool Transpose(const PianoRoll& roll, int semitones, PianoRoll* moved);

}  // namespace lockstep
