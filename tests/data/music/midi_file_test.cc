#include "data/music/midi_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/counter_rng.h"
#include "data/music/midi_roll.h"
#include "tests/data/music/midi_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

MidiSong Parse(const std::string& bytes) { return ParseMidi("a.mid", AsBytes(bytes)); }

void ExpectDamage(const std::string& message, const std::string& bytes) {
  ExpectError(ExitCode::kBadData, "a.mid: at byte " + message, [&] { Parse(bytes); });
}

TEST(MidiFile, ANoteLastsFromOnToOff) {
  const MidiSong song =
      Parse(MidiFile(Bytes("\x02\x91\x3C\x40\x81\x00\x81\x3C\x00") + kEndOfTrack));
  ASSERT_EQ(song.notes.size(), 1U);
  EXPECT_EQ(song.notes[0].start, 2);
  EXPECT_EQ(song.notes[0].end, 2 + 128) << "a time of two bytes";
  EXPECT_EQ(song.notes[0].note, 60);
  EXPECT_EQ(song.notes[0].channel, 1);
  EXPECT_EQ(song.ticks, 130);
  EXPECT_EQ(song.ticks_per_beat, 4);
  EXPECT_EQ(song.endless, 0);
}

// The second note has no status byte, and its note-on of loudness 0 ends it.
TEST(MidiFile, ARunningStatusGoesOnUntilASystemEvent) {
  const std::string notes = Bytes("\x00\x90\x3C\x40\x00\x40\x40\x04\x3C\x00\x00\x40\x00");
  EXPECT_EQ(Parse(MidiFile(notes + kEndOfTrack)).notes.size(), 2U);
  const std::string system = Bytes("\x00\xF0\x03hi\xF7");
  ExpectDamage("42, an event has no status", MidiFile(notes + system + Bytes("\x00\x3C\x00")));
}

// The standard ends the running status there; programs that write such files are read by others.
TEST(MidiFile, ARunningStatusGoesOnAfterAMetaEvent) {
  const std::string note = Bytes("\x00\x90\x3C\x40\x04\x3C\x00");
  const std::string text = Bytes("\x00\xFF\x01\x02hi"), next = Bytes("\x00\x40\x40\x04\x40\x00");
  EXPECT_EQ(Parse(MidiFile(note + text + next + kEndOfTrack)).notes.size(), 2U);
  ExpectDamage("29, an event has no status", MidiFile(text + next + kEndOfTrack));
}

TEST(MidiFile, TracksOfFormat1SoundTogether) {
  const std::string tempo = Bytes("\x00\xFF\x51\x03\x07\xA1\x20") + kEndOfTrack;  // 500000
  const std::string high = Bytes("\x00\x90\x3C\x40\x04\x80\x3C\x00") + kEndOfTrack;
  const std::string low = Bytes("\x02\x90\x30\x40\x04\x80\x30\x00") + kEndOfTrack;
  const MidiSong song = Parse(MidiHeader(1, 3, 4) + MidiTrack(tempo) + MidiTrack(high) + "junk" +
                              BigEndian(3, 4) + "abc" + MidiTrack(low) + "\n\n");
  EXPECT_EQ(song.notes.size(), 2U);
  EXPECT_EQ(song.ticks, 6);
  EXPECT_DOUBLE_EQ(song.first_tempo, 120);
}

TEST(MidiFile, ATempoLaterDoesNotMoveNotes) {
  const std::string later = Bytes("\x04\xFF\x51\x03\x01\x00\x00\x00\x90\x3C\x40\x04\x3C\x00");
  const MidiSong song = Parse(MidiFile(later + kEndOfTrack));
  EXPECT_EQ(song.first_tempo, 120);
  EXPECT_EQ(song.notes[0].start, 4);
  EXPECT_EQ(song.notes[0].end, 8);
}

TEST(MidiFile, SystemEventsAndOtherChannelEventsArePassedOver) {
  const std::string others = Bytes(
      "\x00\xF0\x03\x01\x02\xF7\x00\xF7\x01\x05\x00\xC0\x05\x00\xD0\x05\x00\xE0\x00\x40"
      "\x00\xB0\x07\x64\x00\xA0\x3C\x01");
  EXPECT_TRUE(Parse(MidiFile(others + kEndOfTrack)).notes.empty());
}

TEST(MidiFile, AnEndlessNoteEndsWithItsTrackAndIsCounted) {
  const MidiSong song = Parse(MidiFile(Bytes("\x00\x90\x3C\x40\x08\xFF\x2F\x00")));
  ASSERT_EQ(song.notes.size(), 1U);
  EXPECT_EQ(song.notes[0].end, 8);
  EXPECT_EQ(song.endless, 1);
}

TEST(MidiFile, AKeyThatIsStruckAgainBeginsANewNote) {
  const MidiSong song =
      Parse(MidiFile(Bytes("\x00\x90\x3C\x40\x04\x90\x3C\x40\x04\x80\x3C\x00") + kEndOfTrack));
  ASSERT_EQ(song.notes.size(), 2U);
  EXPECT_EQ(song.notes[0].end, 4);
  EXPECT_EQ(song.notes[1].start, 4);
}

// Two notes of four ticks; the end of the first one stands behind the beginning of the second.
TEST(MidiFile, ANoteMayEndAfterTheNextOneOfItsKeyBeginsAtTheSameTick) {
  const std::string on = Bytes("\x90\x3C\x40"), off = Bytes("\x80\x3C\x00");
  const std::string now = Bytes("\x00"), later = Bytes("\x04");
  const auto lengths = [](const MidiSong& song) {
    std::vector<Index> found;
    for (const MidiNote& note : song.notes) found.push_back(note.end - note.start);
    return found;
  };
  EXPECT_THAT(
      lengths(Parse(MidiFile(now + on + later + on + now + off + later + off + kEndOfTrack))),
      testing::ElementsAre(4, 4));
  EXPECT_THAT(
      lengths(Parse(MidiFile(now + on + later + off + now + on + later + off + kEndOfTrack))),
      testing::ElementsAre(4, 4));
  // A second end at that tick is that of the note that has just begun.
  EXPECT_THAT(lengths(Parse(MidiFile(now + on + later + on + now + off + now + off + kEndOfTrack))),
              testing::ElementsAre(4, 0));
  // An end that comes later, too, ends the second one.
  EXPECT_THAT(lengths(Parse(MidiFile(now + on + later + on + later + off + kEndOfTrack))),
              testing::ElementsAre(4, 4));
}

TEST(MidiFile, DamageIsNamedWithItsByte) {
  ExpectDamage("0, this is no MIDI file", "");
  ExpectDamage("0, a RIFF header", "RIFF" + std::string(40, '\0'));
  ExpectDamage("4, the header claims 4 bytes", "MThd" + BigEndian(4, 4) + std::string(20, '\0'));
  ExpectDamage("8, the format is 2", MidiHeader(2, 1, 4) + MidiTrack(kEndOfTrack));
  ExpectDamage("12, the ticks of a beat are 0xe728", MidiHeader(0, 1, 0xE728));
  ExpectDamage("12, the ticks of a beat are 0x0000", MidiHeader(0, 1, 0));
  ExpectDamage("18, a chunk claims 4294967295 bytes",
               MidiHeader(0, 1, 4) + "MTrk" + BigEndian(0xFFFFFFFF, 4) + kEndOfTrack);
  ExpectDamage("26, the file ends after 1 tracks; its header claims 65535",
               MidiHeader(1, 65535, 4) + MidiTrack(kEndOfTrack));
  ExpectDamage("22, the length or time", MidiFile(Bytes("\xFF\xFF\xFF\xFF\x7F")));
  ExpectDamage("25, 0x90 in the data of an event", MidiFile(Bytes("\x00\x90\x3C\x90")));
  ExpectDamage("23, the status 0xf4", MidiFile(Bytes("\x00\xF4")));
  ExpectDamage("24, a system event claims 100 bytes", MidiFile(Bytes("\x00\xF0\x64\x01")));
  ExpectDamage("24, a tempo of 0", MidiFile(Bytes("\x00\xFF\x51\x03\x00\x00\x00")));
  ExpectDamage("24, a tempo of 2 bytes", MidiFile(Bytes("\x00\xFF\x51\x02\x01\x00")));
}

TEST(MidiFile, WhatStandsAroundAMidiFileIsNamed) {
  const std::string good = MidiFile(kEndOfTrack);
  ExpectDamage("0, a RIFF header stands before the MIDI file",
               "RIFF\x20\1\1\1RMIDdata\1\1\1\1" + good);
  ExpectDamage("0, this is compressed with gzip", "\x1F\x8B\x08\x01" + good);
  ExpectDamage("0, this is no MIDI file", "music, as text");
}

// Every cut of a good file is refused or read; nothing is read past the end.
TEST(MidiFile, ACutFileIsRefused) {
  const std::string good = MidiFile(Bytes("\x00\x90\x3C\x40\x04\x80\x3C\x00") + kEndOfTrack);
  for (std::size_t bytes = 0; bytes < good.size(); ++bytes) {
    ExpectError(ExitCode::kBadData, "a.mid: at byte ", [&] { Parse(good.substr(0, bytes)); });
  }
}

TEST(MidiFile, AnyBytesAreReadOrRefused) {
  const std::string good = MidiOfRoll({"a", std::vector<KeySet>(9, KeySet(0x5511))}, 4, 120);
  const CounterRng rng(1, RandomPurpose::kTest);
  std::uint64_t draw = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    std::string bytes = good;
    for (int flip = 0; flip < 3; ++flip) {
      const std::uint64_t at = rng.Below(draw++, bytes.size());
      bytes[at] = static_cast<char>(rng.Below(draw++, 256));
    }
    try {
      MidiLosses losses;
      RollOfMidi("a.mid", Parse(bytes), 4, &losses);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadData) << error.what();
    }
  }
}

TEST(MidiFile, AFileThatIsNotThereIsMissing) {
  const TempFolder folder;
  ExpectError(ExitCode::kMissingInput, "none.mid", [&] { ReadMidiFile(folder / "none.mid"); });
}

}  // namespace
}  // namespace lockstep
