#include "data/music/midi_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/raw_file.h"
#include "data/music/midi_track.h"

namespace lockstep {
namespace {

constexpr std::string_view kFileMark = "MThd", kTrackMark = "MTrk";
constexpr Index kMostFileBytes = Index{64} << 20;
constexpr std::size_t kChunkHead = 8, kHeaderBytes = 6;

struct MidiHeader {
  int format = 0;
  int tracks = 0;
};

// A chunk: four letters and the bytes behind its length.
struct Chunk {
  std::string_view mark;
  MidiBytes bytes;
};

Chunk NextChunk(MidiBytes* in) {
  in->Need(kChunkHead, "the head of a chunk");
  const std::string_view mark = in->Text(4);
  const std::size_t at = in->place(), length = in->Number(4);
  if (length > in->left()) {
    in->FailAt(at, fmt::format("a chunk claims {} bytes, but {} are left; the file is cut", length,
                               in->left()));
  }
  return {mark, in->Part(length)};
}

MidiHeader ReadHeader(MidiBytes* in, MidiSong* song) {
  const std::string_view mark = in->left() < kChunkHead + kHeaderBytes ? "" : in->Text(4);
  if (mark == "RIFF")
    in->FailAt(0, "a RIFF header stands before the MIDI file; remove it with `tail -c +21`");
  if (mark.starts_with("\x1F\x8B"))
    in->FailAt(0, "this is compressed with gzip; unpack it with `gunzip`");
  if (mark != kFileMark)
    in->FailAt(0, "this is no MIDI file: it does not begin with MThd and a header");
  const std::size_t length = in->Number(4);
  if (length < kHeaderBytes || length > in->left())
    in->FailAt(4, fmt::format("the header claims {} bytes; allowed are 6 or more", length));
  MidiBytes header = in->Part(length);
  MidiHeader found;
  found.format = static_cast<int>(header.Number(2));
  found.tracks = static_cast<int>(header.Number(2));
  const std::size_t at = header.place(), division = header.Number(2);
  if (found.format > 1) {
    in->FailAt(
        8, fmt::format("the format is {}; allowed are 0 and 1, one piece of music", found.format));
  }
  if (division == 0 || division >= 0x8000) {
    in->FailAt(at,
               fmt::format("the ticks of a beat are 0x{:04x}; allowed are 1 to 32767, not parts "
                           "of a second",
                           division));
  }
  song->ticks_per_beat = static_cast<Index>(division);
  return found;
}

}  // namespace

MidiSong ParseMidi(const std::string& file, std::span<const std::byte> bytes) {
  MidiBytes in(file, bytes, 0);
  MidiSong song;
  const MidiHeader header = ReadHeader(&in, &song);
  int tracks = 0;
  // What follows the last track, such as zeros of an old disk, is no music.
  while (tracks < header.tracks) {
    if (in.left() == 0)
      in.FailAt(in.place(), fmt::format("the file ends after {} tracks; its header claims {}",
                                        tracks, header.tracks));
    Chunk chunk = NextChunk(&in);
    if (chunk.mark != kTrackMark) continue;  // chunks of other kinds are passed over, as they must
    ReadMidiTrack(&chunk.bytes, &song);
    ++tracks;
  }
  return song;
}

MidiSong ReadMidiFile(const std::string& path) {
  const Index bytes = RawFile::OpenForReading(path).SizeBytes();
  if (bytes > kMostFileBytes) {
    throw BadData("{}: has {} bytes; a MIDI file has at most {}", path, bytes, kMostFileBytes);
  }
  return ParseMidi(path, ReadBytes(path));
}

bool IsMidiFile(const std::string& path) {
  const RawFile file = RawFile::OpenForReading(path);
  std::array<char, kFileMark.size()> begin{};
  if (file.SizeBytes() < static_cast<Index>(begin.size())) return false;
  file.ReadAt(0, std::as_writable_bytes(std::span(begin)));
  return std::string_view(begin.data(), begin.size()) == kFileMark;
}

}  // namespace lockstep
