#include "data/music/midi_track.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr int kChannels = 16, kNotes = 128;
constexpr Index kSilent = -1;
// Far above any music, and far below what could overflow: 2^40 ticks are a year and more.
constexpr Index kMostTicks = Index{1} << 40;

// Kinds of events, by the high half of their status.
constexpr int kNoteOff = 0x8, kNoteOn = 0x9, kProgram = 0xC, kPressure = 0xD;
constexpr int kSystem = 0xF0, kSystemGoesOn = 0xF7, kMeta = 0xFF;  // whole status bytes
constexpr int kMetaEnd = 0x2F, kMetaTempo = 0x51;

class TrackReader {
 public:
  TrackReader(MidiBytes* in, MidiSong* song) : in_(*in), song_(*song) {
    started_.fill(kSilent);
    ended_at_.fill(kSilent);
  }

  void Read() {
    while (!ended_ && in_.left() > 0) {
      tick_ += static_cast<Index>(in_.VariableNumber("the time of an event"));
      if (tick_ > kMostTicks)
        in_.FailAt(in_.place(), fmt::format("the track is longer than {} ticks", kMostTicks));
      ReadEvent();
    }
    for (std::size_t key = 0; key < started_.size(); ++key) {
      if (started_[key] == kSilent) continue;
      EndNote(key);
      ++song_.endless;
    }
    song_.ticks = std::max(song_.ticks, tick_);
  }

 private:
  void ReadEvent() {
    const std::size_t at = in_.place();
    const bool has_status = in_.Peek("an event") >= 0x80;
    const int status = has_status ? in_.Byte("an event") : status_;
    if (status == 0)
      in_.FailAt(at, "an event has no status, and there was none before that goes on");
    // The standard ends a running status at any of these events, but some programs write notes
    // that go on after a meta event, and others read them.
    if (status == kMeta) return ReadMetaEvent();
    status_ = status < kSystem ? status : 0;
    if (status < kSystem) return ReadChannelEvent();
    if (status != kSystem && status != kSystemGoesOn)
      in_.FailAt(at, fmt::format("the status 0x{:02x} is not for files", status));
    Skip("a system event");
  }

  // Passes over a length and as many bytes.
  MidiBytes Skip(const char* what) {
    const std::size_t at = in_.place(), length = in_.VariableNumber(what);
    if (length > in_.left())
      in_.FailAt(at, fmt::format("{} claims {} bytes, but its track has {} left", what, length,
                                 in_.left()));
    return in_.Part(length);
  }

  void ReadMetaEvent() {
    const std::size_t at = in_.place();
    const int type = in_.Byte("the kind of a meta event");
    MidiBytes data = Skip("a meta event");
    ended_ = type == kMetaEnd;
    if (type != kMetaTempo) return;
    if (data.left() != 3) in_.FailAt(at, fmt::format("a tempo of {} bytes, not 3", data.left()));
    const std::size_t microseconds = data.Number(3);
    if (microseconds == 0) in_.FailAt(at, "a tempo of 0 microseconds for a beat");
    // The grid is in beats, so that other tempos change nothing but how the piece is played.
    if (tick_ == 0) song_.first_tempo = 6e7 / static_cast<double>(microseconds);
  }

  int DataByte() {
    const std::size_t at = in_.place();
    const int value = in_.Byte("the data of an event");
    if (value >= 0x80)
      in_.FailAt(at, fmt::format("0x{:02x} in the data of an event; allowed are 0 to 0x7f", value));
    return value;
  }

  void ReadChannelEvent() {
    const int kind = status_ >> 4, channel = status_ & 0xF;
    const int first = DataByte();
    const int second = kind == kProgram || kind == kPressure ? 0 : DataByte();
    if (kind != kNoteOn && kind != kNoteOff) return;
    const std::size_t key = static_cast<std::size_t>(channel * kNotes + first);
    kind == kNoteOn&& second > 0 ? StrikeKey(key) : ReleaseKey(key);
  }

  // Some programs write the end of a note after the beginning of the next one at the same tick.
  void StrikeKey(std::size_t key) {
    if (started_[key] != kSilent) {
      EndNote(key);
      ended_by_next_[key] = ended_at_[key] == tick_ ? ended_by_next_[key] + 1 : 1;
      ended_at_[key] = tick_;
    }
    started_[key] = tick_;
  }

  void ReleaseKey(std::size_t key) {
    if (ended_at_[key] == tick_ && ended_by_next_[key] > 0) {
      --ended_by_next_[key];
    } else if (started_[key] != kSilent) {
      EndNote(key);
    }
  }

  void EndNote(std::size_t key) {
    const int number = static_cast<int>(key);
    song_.notes.push_back({started_[key], tick_, number / kNotes, number % kNotes});
    started_[key] = kSilent;
  }

  MidiBytes& in_;
  MidiSong& song_;
  Index tick_ = 0;
  int status_ = 0;  // of the last channel event, which goes on where an event has none; 0: none
  bool ended_ = false;
  std::array<Index, kChannels * kNotes> started_;  // tick at which each key was struck, or kSilent
  // How many notes of a key were ended because it was struck again, at the tick when that happened
  // last. The releases of these notes may still come, at the same tick.
  std::array<int, kChannels * kNotes> ended_by_next_{};
  std::array<Index, kChannels * kNotes> ended_at_;
};

}  // namespace

void MidiBytes::FailAt(std::size_t place, const std::string& what) const {
  throw BadData("{}: at byte {}, {}; repair or remove the file", file_, place, what);
}

void MidiBytes::Need(std::size_t bytes, const char* what) const {
  if (left() >= bytes) return;
  FailAt(place(), fmt::format("{} bytes are left for {}, which has {}; the file is cut or damaged",
                              left(), what, bytes));
}

int MidiBytes::Byte(const char* what) {
  const int value = Peek(what);
  rest_ = rest_.subspan(1);
  ++offset_;
  return value;
}

int MidiBytes::Peek(const char* what) const {
  Need(1, what);
  return std::to_integer<int>(rest_[0]);
}

std::size_t MidiBytes::Number(std::size_t bytes) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    value = value << 8 | static_cast<std::size_t>(Byte("a number"));
  return value;
}

std::size_t MidiBytes::VariableNumber(const char* what) {
  constexpr int kMostBytes = 4;
  const std::size_t at = place();
  std::size_t value = 0;
  for (int i = 0; i < kMostBytes; ++i) {
    const int byte = Byte(what);
    value = value << 7 | static_cast<std::size_t>(byte & 0x7F);
    if (byte < 0x80) return value;
  }
  FailAt(at, fmt::format("the length or time of {} has more than {} bytes", what, kMostBytes));
}

std::string_view MidiBytes::Text(std::size_t bytes) {
  Need(bytes, "a mark");
  const std::string_view text(reinterpret_cast<const char*>(rest_.data()), bytes);
  rest_ = rest_.subspan(bytes);
  offset_ += bytes;
  return text;
}

MidiBytes MidiBytes::Part(std::size_t bytes) {
  Need(bytes, "a part");
  const MidiBytes part(file_, rest_.first(bytes), offset_);
  rest_ = rest_.subspan(bytes);
  offset_ += bytes;
  return part;
}

void ReadMidiTrack(MidiBytes* in, MidiSong* song) { TrackReader(in, song).Read(); }

}  // namespace lockstep
