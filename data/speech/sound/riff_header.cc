#include "data/speech/sound/riff_header.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "base/raw_file.h"
#include "base/shell_word.h"

namespace lockstep {
namespace {

constexpr Index kChunkHead = 8;  // name and length
constexpr Index kFormHead = 12;  // "RIFF", length, "WAVE"
// True for a length that stands for "unknown". A file of that size that was really cut short is not
// told apart.
bool IsUnknown(Index length) {
  constexpr Index kSlack = 1 << 16;  // for headers, and for blocks that lengths are rounded to
  constexpr Index kHalf = Index{1} << 31;
  return length >= 2 * kHalf - kSlack || std::abs(length - kHalf) <= kSlack;
}

constexpr Index kFarLength = 0xFFFFFFFF;     // in RF64: the length is in chunk ds64
constexpr Index kFarthest = Index{1} << 62;  // larger lengths in ds64 mean "unknown"
constexpr const char* kRemedy = "copy or convert the file again from its source";

// Goes through the chunks of one file.
class RiffWalk {
 public:
  explicit RiffWalk(const std::string& path)
      : file_(RawFile::OpenForReading(path)), size_(file_.SizeBytes()) {}

  std::optional<ViewBounds> Check() {
    if (size_ < kFormHead || !BeginsAsWave()) return std::nullopt;
    for (Index at = kFormHead; at + kChunkHead <= size_;) {
      const std::string name = Text(at, 4);
      const Index length = Integer(at + 4, 4);
      at += kChunkHead;
      if (name == "data") return CheckData(at, length);
      if (name == "fmt ") ReadFormat(at, length);
      if (name == "ds64") ReadFar(at, length);
      at += length + length % 2;
    }
    throw BadData("{}: {} bytes of WAV without a data chunk; {}", file_.path(), size_, kRemedy);
  }

 private:
  bool BeginsAsWave() {
    const std::string form = Text(0, 4);
    big_endian_ = form == "RIFX";
    return (form == "RIFF" || form == "RIFX" || form == "RF64") && Text(8, 4) == "WAVE";
  }

  void ReadFormat(Index at, Index length) {
    if (length < 16 || at + 16 > size_) {
      throw BadData("{}: the fmt chunk of the WAV header has {} bytes, allowed are 16 and more; {}",
                    file_.path(), std::min(length, size_ - at), kRemedy);
    }
    const Index format = Integer(at, 2);
    const bool counts_frames = format == 1 || format == 3 || format == 0xFFFE;
    frame_bytes_ = counts_frames ? std::max<Index>(1, Integer(at + 12, 2)) : 1;
  }

  void ReadFar(Index at, Index length) {
    if (length < 24 || at + 24 > size_) {
      throw BadData("{}: the ds64 chunk of the RF64 header is too short; {}", file_.path(),
                    kRemedy);
    }
    far_at_ = at + 8;
    far_length_ = Integer(far_at_, 8);
  }

  std::optional<ViewBounds> CheckData(Index at, Index length) const {
    const Index rest = size_ - at;
    const bool is_far = length == kFarLength && far_length_ >= 0;
    if (is_far) length = far_length_;
    const bool is_unknown = is_far ? length >= kFarthest : IsUnknown(length) && length > rest;
    if (is_unknown || (length == 0 && rest > kChunkHead && !IsChunk(at))) {
      return ToTheEnd(at, is_far);
    }
    if (length > rest) {
      throw BadData(
          "{}: the WAV header promises {} bytes of sound, the file holds {}: it was cut short; {}",
          file_.path(), length, rest, kRemedy);
    }
    if (length % frame_bytes_ != 0) {
      throw BadData(
          "{}: the WAV header promises {} bytes of sound in frames of {} bytes, which is no whole "
          "number of frames; {}",
          file_.path(), length, frame_bytes_, kRemedy);
    }
    CheckTail(at + length);
    return std::nullopt;
  }

  // The file with the length of the sound from `at` to its end in its header. A piece of a frame at
  // the end is left out: the program that wrote it was ended there.
  ViewBounds ToTheEnd(Index at, bool is_far) const {
    const Index length = (size_ - at) / frame_bytes_ * frame_bytes_;
    ViewBounds view{Text(0, at), at, at + length};
    const auto put = [&](Index where, Index value, Index bytes) {
      for (Index i = 0; i < bytes; ++i) {
        const Index byte = big_endian_ ? bytes - 1 - i : i;
        view.head[static_cast<std::size_t>(where + i)] = static_cast<char>(value >> (8 * byte));
      }
    };
    if (is_far) {
      put(far_at_, length, 8);
    } else {
      put(at - 4, std::min(length, kFarLength), 4);
    }
    return view;
  }

  // Checks that only chunks follow the sound. The byte that pads an odd length is often missing.
  void CheckTail(Index at) const {
    const Index left = size_ - at;
    if (left <= kChunkHead || IsChunk(at + at % 2) || IsChunk(at)) return;
    throw BadData(
        "{}: {} bytes follow the sound of the length that the WAV header gives, and are no chunk: "
        "the length is wrong; repair the header, for example with `sox --ignore-length {} OUT.wav`",
        file_.path(), left, ShellQuoted(file_.path()));
  }

  bool IsChunk(Index at) const {
    if (at + kChunkHead > size_) return true;
    const std::string name = Text(at, 4);
    const auto printable = [](unsigned char c) { return std::isprint(c) != 0; };
    return std::all_of(name.begin(), name.end(), printable) &&
           at + kChunkHead + Integer(at + 4, 4) <= size_;
  }

  std::string Text(Index at, Index bytes) const {
    std::string text(static_cast<std::size_t>(bytes), '\0');
    file_.ReadAt(at, std::as_writable_bytes(std::span(text)));
    return text;
  }

  // Reads an integer; never negative: lengths beyond 2^62 are as wrong as 2^62 and become that.
  Index Integer(Index at, Index bytes) const {
    std::string text = Text(at, bytes);
    if (!big_endian_) std::reverse(text.begin(), text.end());
    std::uint64_t value = 0;
    for (unsigned char byte : text) value = value << 8 | byte;
    return static_cast<Index>(std::min(value, std::uint64_t{1} << 62));
  }

  RawFile file_;
  Index size_;
  bool big_endian_ = false;
  Index frame_bytes_ = 1;
  Index far_length_ = -1;  // in ds64, if there is one
  Index far_at_ = 0;       // where that stands
};

}  // namespace

std::optional<ViewBounds> CheckRiffLengths(const std::string& path) {
  return RiffWalk(path).Check();
}

}  // namespace lockstep
