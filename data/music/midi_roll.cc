#include "data/music/midi_roll.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr int kPercussion = 9;
constexpr Index kTicksPerStep = 120;  // of files that are written
constexpr char kLoudness = 80;        // of 127

// The number of steps before the tick, rounded to the nearest step.
Index NearestStep(Index tick, Index steps_per_beat, Index ticks_per_beat) {
  return (2 * tick * steps_per_beat + ticks_per_beat) / (2 * ticks_per_beat);
}

void AppendNumber(Index value, int bytes, std::string* to) {
  for (int i = bytes; i-- > 0;) *to += static_cast<char>(value >> (8 * i) & 0xFF);
}

// Seven bits in each byte, the highest first; all but the last have the eighth bit set.
void AppendVariable(Index value, std::string* to) {
  for (int shift = 21; shift > 0; shift -= 7) {
    if (value >> shift > 0) *to += static_cast<char>((value >> shift & 0x7F) | 0x80);
  }
  *to += static_cast<char>(value & 0x7F);
}

// The events of a track with one channel.
class TrackWriter {
 public:
  // The keys that begin or cease to sound between two steps; those that cease come first.
  void AddStep(const KeySet& before, const KeySet& now) {
    for (const bool begins : {false, true}) {
      const KeySet changed = begins ? now & ~before : before & ~now;
      for (std::size_t key = 0; key < kKeys; ++key) {
        if (changed[key]) AddNote(static_cast<int>(key) + kLowestNote, begins);
      }
    }
    rest_ += kTicksPerStep;
  }
  void AddMeta(int type, const std::string& data) {
    AppendVariable(rest_, &events_);
    events_ += '\xFF';
    events_ += static_cast<char>(type);
    AppendVariable(static_cast<Index>(data.size()), &events_);
    events_ += data;
    rest_ = 0;
  }
  // The last step has no length after it.
  void DropRest() { rest_ -= kTicksPerStep; }
  const std::string& events() const { return events_; }

 private:
  void AddNote(int note, bool begins) {
    AppendVariable(rest_, &events_);
    events_ += begins ? '\x90' : '\x80';
    events_ += static_cast<char>(note);
    events_ += begins ? kLoudness : '\0';
    rest_ = 0;
  }

  Index rest_ = 0;  // ticks since the last event
  std::string events_;
};

}  // namespace

MidiLosses& MidiLosses::operator+=(const MidiLosses& other) {
  percussion += other.percussion;
  off_keyboard += other.off_keyboard;
  endless += other.endless;
  return *this;
}

PianoRoll RollOfMidi(const std::string& file, const MidiSong& song, Index steps_per_beat,
                     MidiLosses* losses) {
  const auto step_of = [&](Index tick) {
    return NearestStep(tick, steps_per_beat, song.ticks_per_beat);
  };
  Index steps = step_of(song.ticks);
  for (const MidiNote& note : song.notes) steps = std::max(steps, step_of(note.start) + 1);
  if (steps > kMostSteps) {
    throw BadData(
        "{}: has {} steps ({} ticks, {} for a beat); allowed are {}: the times of its events are "
        "damaged, or --steps-per-beat is too large",
        file, steps, song.ticks, song.ticks_per_beat, kMostSteps);
  }
  PianoRoll roll{file, std::vector<KeySet>(static_cast<std::size_t>(steps))};
  losses->endless += song.endless;
  for (const MidiNote& note : song.notes) {
    const bool is_percussion = note.channel == kPercussion;
    losses->percussion += is_percussion ? 1 : 0;
    losses->off_keyboard += !is_percussion && !IsKey(note.note) ? 1 : 0;
    if (is_percussion || !IsKey(note.note)) continue;
    const Index first = step_of(note.start), last = std::max(step_of(note.end), first + 1);
    for (Index step = first; step < last; ++step)
      roll.steps[static_cast<std::size_t>(step)].set(KeyOf(note.note));
  }
  return roll;
}

std::string MidiOfRoll(const PianoRoll& roll, Index steps_per_beat, double beats_per_minute) {
  constexpr int kName = 0x03, kTempo = 0x51, kEnd = 0x2F;
  constexpr double kMicrosecondsPerMinute = 6e7;
  LOCKSTEP_CHECK(1 <= steps_per_beat && steps_per_beat <= 256);
  LOCKSTEP_CHECK(4 <= beats_per_minute && beats_per_minute <= 6000);
  TrackWriter track;
  std::string tempo;
  AppendNumber(std::llround(kMicrosecondsPerMinute / beats_per_minute), 3, &tempo);
  track.AddMeta(kName, roll.name);
  track.AddMeta(kTempo, tempo);
  KeySet before;
  for (const KeySet& now : roll.steps) {
    track.AddStep(before, now);
    before = now;
  }
  track.AddStep(before, {});
  track.DropRest();
  track.AddMeta(kEnd, "");
  std::string file = "MThd";
  AppendNumber(6, 4, &file);
  AppendNumber(0, 2, &file);  // format
  AppendNumber(1, 2, &file);  // tracks
  AppendNumber(kTicksPerStep * steps_per_beat, 2, &file);
  file += "MTrk";
  AppendNumber(static_cast<Index>(track.events().size()), 4, &file);
  return file + track.events();
}

}  // namespace lockstep
