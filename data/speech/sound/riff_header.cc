#include "data/speech/sound/riff_header.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/raw_file.h"

namespace lockstep {
namespace {

constexpr Index kChunkHead = 8;  // name and length
constexpr Index kFormHead = 12;  // "RIFF", length, "WAVE"
constexpr std::array<Index, 2> kStreamed{0xFFFFFFFF, 0x7FFFF000};
constexpr Index kFarLength = 0xFFFFFFFF;  // in RF64: the length is in chunk ds64
constexpr const char* kRemedy = "copy or convert the file again from its source";

// Goes through the chunks of one file.
class RiffWalk {
 public:
  explicit RiffWalk(const std::string& path)
      : file_(RawFile::OpenForReading(path)), size_(file_.SizeBytes()) {}

  void Check() {
    if (size_ < kFormHead || !BeginsAsWave()) return;
    for (Index at = kFormHead; at + kChunkHead <= size_;) {
      const std::string name = Text(at, 4);
      const Index length = Integer(at + 4, 4);
      at += kChunkHead;
      if (name == "data") return CheckData(at, length);
      if (name == "fmt ") ReadFormat(at, length);
      if (name == "ds64") far_length_ = Far(at, length);
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

  Index Far(Index at, Index length) const {
    if (length < 24 || at + 24 > size_) {
      throw BadData("{}: the ds64 chunk of the RF64 header is too short; {}", file_.path(),
                    kRemedy);
    }
    return Integer(at + 8, 8);
  }

  void CheckData(Index at, Index length) const {
    const Index rest = size_ - at;
    if (length == kFarLength && far_length_ >= 0) {
      length = far_length_;
    } else if (std::find(kStreamed.begin(), kStreamed.end(), length) != kStreamed.end()) {
      return;
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
  }

  // Checks that only chunks follow the sound. The byte that pads an odd length is often missing.
  void CheckTail(Index at) const {
    const Index left = size_ - at;
    if (left <= kChunkHead || IsChunk(at + at % 2) || IsChunk(at)) return;
    throw BadData(
        "{}: {} bytes follow the sound of the length that the WAV header gives, and are no chunk: "
        "the length is wrong; repair the header, for example with sox --ignore-length",
        file_.path(), left);
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
  Index far_length_ = -1;
};

}  // namespace

void CheckRiffLengths(const std::string& path) { RiffWalk(path).Check(); }

}  // namespace lockstep
