#include "data/music/midi_roll.h"

#include <gtest/gtest.h>

#include "data/music/chorales.h"
#include "tests/data/music/midi_bytes.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

MidiSong Song(Index ticks_per_beat, Index ticks, std::vector<MidiNote> notes) {
  MidiSong song;
  song.ticks_per_beat = ticks_per_beat;
  song.ticks = ticks;
  song.notes = std::move(notes);
  return song;
}

std::vector<std::size_t> StepsOf(const PianoRoll& roll, int note) {
  std::vector<std::size_t> steps;
  for (std::size_t t = 0; t < roll.steps.size(); ++t) {
    if (roll.steps[t][KeyOf(note)]) steps.push_back(t);
  }
  return steps;
}

// 10 ticks a beat, 2 steps: a step has 5 ticks. 7 is nearer to 5, 8 to 10.
TEST(MidiRoll, TimesAreRoundedToTheNearestStep) {
  MidiLosses losses;
  const PianoRoll roll =
      RollOfMidi("a.mid", Song(10, 25, {{7, 18, 0, 60}, {8, 9, 0, 64}}), 2, &losses);
  EXPECT_EQ(roll.steps.size(), 5U);
  EXPECT_EQ(StepsOf(roll, 60), (std::vector<std::size_t>{1, 2, 3}));
  EXPECT_EQ(StepsOf(roll, 64), (std::vector<std::size_t>{2})) << "a short note has one step";
}

TEST(MidiRoll, WhatIsNoPianoIsLeftOutAndCounted) {
  MidiLosses losses;
  const MidiSong song =
      Song(4, 8, {{0, 4, 9, 60}, {0, 4, 0, 20}, {0, 4, 0, 109}, {0, 4, 0, 21}, {4, 8, 3, 108}});
  const PianoRoll roll = RollOfMidi("a.mid", song, 1, &losses);
  EXPECT_EQ(losses.percussion, 1);
  EXPECT_EQ(losses.off_keyboard, 2);
  EXPECT_EQ(roll.steps[0].count(), 1U);
  EXPECT_TRUE(roll.steps[0][0]);
  EXPECT_TRUE(roll.steps[1][kKeys - 1]);
}

TEST(MidiRoll, AnAbsurdLengthIsRefused) {
  MidiLosses losses;
  ExpectError(ExitCode::kBadData, "a.mid: has 268435455 steps",
              [&] { RollOfMidi("a.mid", Song(1, 0x0FFFFFFF, {}), 1, &losses); });
}

TEST(MidiRoll, WhatIsWrittenIsReadBack) {
  PianoRoll odd{"odd", std::vector<KeySet>(7)};  // silence first, in between and last
  odd.steps[1].set();
  odd.steps[2].set(5);
  odd.steps[4].set(5);
  for (const Index steps_per_beat : {1, 4, 256}) {
    for (const PianoRoll& roll :
         {odd, MakeChorale(1, 1), PianoRoll{"silence", std::vector<KeySet>(3)}}) {
      MidiLosses losses;
      const std::string bytes = MidiOfRoll(roll, steps_per_beat, 90);
      const MidiSong song = ParseMidi(roll.name, AsBytes(bytes));
      EXPECT_NEAR(song.first_tempo, 90, 1e-3);
      EXPECT_EQ(RollOfMidi(roll.name, song, steps_per_beat, &losses).steps, roll.steps);
    }
  }
}

// The bytes of the specification: a name, a tempo of 500000 microseconds, middle C for one step.
TEST(MidiRoll, AFileHasTheBytesOfTheSpecification) {
  PianoRoll roll{"x", std::vector<KeySet>(1)};
  roll.steps[0].set(KeyOf(60));
  EXPECT_EQ(MidiOfRoll(roll, 4, 120),
            MidiHeader(0, 1, 480) +
                MidiTrack(Bytes("\x00\xFF\x03\x01x\x00\xFF\x51\x03\x07\xA1\x20\x00\x90\x3C\x50\x78"
                                "\x80\x3C\x00\x00\xFF\x2F\x00")));
}

}  // namespace
}  // namespace lockstep
