#include "data/music/piano_roll.h"

#include <array>

namespace lockstep {

std::vector<std::string> KeyNames() {
  constexpr std::array<const char*, 12> kNames = {"C",  "C#", "D",  "D#", "E",  "F",
                                                  "F#", "G",  "G#", "A",  "A#", "B"};
  std::vector<std::string> names;
  for (int note = kLowestNote; note <= kHighestNote; ++note) {
    names.push_back(kNames[static_cast<std::size_t>(note % 12)] + std::to_string(note / 12 - 1));
  }
  return names;
}

bool Transpose(const PianoRoll& roll, int semitones, PianoRoll* moved) {
  const auto distance = static_cast<std::size_t>(semitones < 0 ? -semitones : semitones);
  *moved = {roll.name, {}};
  for (const KeySet& step : roll.steps) {
    const KeySet shifted = semitones < 0 ? step >> distance : step << distance;
    if (shifted.count() != step.count()) return false;
    moved->steps.push_back(shifted);
  }
  return true;
}

}  // namespace lockstep
