// MIDI files: what is read becomes a roll, which is written and read back as the same roll.
#include "data/music/midi_file.h"
#include "data/music/midi_roll.h"
#include "tests/fuzz/fuzz_target.h"

namespace lockstep {
namespace {

constexpr Index kStepsPerBeat = 4;
constexpr double kBeatsPerMinute = 100;

void RequireSame(const PianoRoll& roll) {
  const std::string file = MidiOfRoll(roll, kStepsPerBeat, kBeatsPerMinute);
  const MidiSong song = ParseMidi("written", std::as_bytes(std::span(file)));
  MidiLosses losses;
  const PianoRoll again = RollOfMidi("written", song, kStepsPerBeat, &losses);
  LOCKSTEP_CHECK(again.steps == roll.steps);
  LOCKSTEP_CHECK(losses.percussion + losses.off_keyboard + losses.endless == 0);
}

}  // namespace
}  // namespace lockstep

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  using namespace lockstep;
  static MemoryFile file;
  file.Set({bytes, count});
  ReadOrRefuse([&] {
    const MidiSong song = ReadMidiFile(file.path());
    LOCKSTEP_CHECK(IsMidiFile(file.path()));
    for (const MidiNote& note : song.notes) {
      LOCKSTEP_CHECK(0 <= note.start && note.start <= note.end && note.end <= song.ticks);
      LOCKSTEP_CHECK(0 <= note.channel && note.channel < 16 && 0 <= note.note && note.note < 128);
    }
    LOCKSTEP_CHECK(song.first_tempo > 0);
    // Rolls of a million steps are allowed, but would only take time here; longer ones are refused.
    constexpr Index kLongest = 4096;
    const Index steps = song.ticks / song.ticks_per_beat * kStepsPerBeat;
    if (steps > kLongest && steps < 2 * kMostSteps) return;
    MidiLosses losses;
    const PianoRoll roll = RollOfMidi("input", song, kStepsPerBeat, &losses);
    if (!roll.steps.empty()) RequireSame(roll);
  });
  return 0;
}
