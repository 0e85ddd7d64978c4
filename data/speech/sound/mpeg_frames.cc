#include "data/speech/sound/mpeg_frames.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/error.h"
#include "base/shell_word.h"
#include "data/speech/sound/byte_window.h"

namespace lockstep {
namespace {

constexpr Index kHeaderBytes = 4;
constexpr Index kXingRoom = 256;  // enough of a first frame for the number of frames in it

// The fields of a frame header that decide its length (ISO 11172-3, 2.4.1.3).
struct FrameHeader {
  int version = 0;  // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  int layer = 0;    // 1 to 3
  int rate_index = 0;
  bool mono = false;
  Index bit_rate = 0;  // kbit/s; 0: free
  Index bytes = 0;     // of the whole frame
  Index samples = 0;

  bool SameStream(const FrameHeader& other) const {
    return version == other.version && layer == other.layer && rate_index == other.rate_index;
  }
};

Index BitRate(bool mpeg1, int layer, int index) {
  using Row = std::array<std::int16_t, 15>;
  constexpr Row kLayer1{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448};
  constexpr Row kLayer2{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384};
  constexpr Row kLayer3{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
  constexpr Row kLow1{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256};
  constexpr Row kLow{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
  const auto i = static_cast<std::size_t>(index);
  if (!mpeg1) return layer == 1 ? kLow1[i] : kLow[i];
  return layer == 1 ? kLayer1[i] : layer == 2 ? kLayer2[i] : kLayer3[i];
}

// Sets what follows from version, layer, rate_index and bit_rate.
void SetLength(FrameHeader& header, bool padded) {
  constexpr std::array<Index, 3> kRates{44100, 48000, 32000};
  const bool mpeg1 = header.version == 3;
  const Index divisor = mpeg1 ? 1 : header.version == 2 ? 2 : 4;
  const Index rate = kRates[static_cast<std::size_t>(header.rate_index)] / divisor;
  header.samples = header.layer == 1 ? 384 : header.layer == 3 && !mpeg1 ? 576 : 1152;
  const Index bits = 1000 * header.bit_rate;
  header.bytes = header.layer == 1 ? (12 * bits / rate + (padded ? 1 : 0)) * 4
                                   : header.samples / 8 * bits / rate + (padded ? 1 : 0);
}

std::optional<FrameHeader> ParseHeader(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  FrameHeader header;
  header.version = byte(1) >> 3 & 3;
  header.layer = 4 - (byte(1) >> 1 & 3);
  header.rate_index = byte(2) >> 2 & 3;
  header.mono = byte(3) >> 6 == 3;
  const int rate_of_bits = byte(2) >> 4;
  if (byte(0) != 0xFF || byte(1) < 0xE0 || header.version == 1 || header.layer == 4 ||
      header.rate_index == 3 || rate_of_bits == 0 || rate_of_bits == 15) {
    return std::nullopt;
  }
  header.bit_rate = BitRate(header.version == 3, header.layer, rate_of_bits);
  SetLength(header, (byte(2) & 2) != 0);
  return header;
}

Index BigEndian(std::string_view bytes) {
  Index value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

// Where the tag "Xing" or "Info" stands in a frame of layer III: after its side information.
std::size_t XingOffset(const FrameHeader& header) {
  if (header.version == 3) return header.mono ? 21 : 36;
  return header.mono ? 13 : 21;
}

// Looks for a header that gives the number of frames in the first frame of a file. Returns whether
// there is one; sets `promised` to the number, or to -1 if the header does not give it.
bool FindPromise(const FrameHeader& header, std::string_view frame, Index* promised) {
  if (header.layer != 3) return false;
  const std::size_t xing = XingOffset(header);
  constexpr std::size_t kVbri = 36;
  if (frame.size() >= xing + 12 &&
      (frame.substr(xing, 4) == "Xing" || frame.substr(xing, 4) == "Info")) {
    const bool counts = (frame[xing + 7] & 1) != 0;
    *promised = counts ? BigEndian(frame.substr(xing + 8, 4)) : -1;
    return true;
  }
  if (frame.size() >= kVbri + 18 && frame.substr(kVbri, 4) == "VBRI") {
    *promised = BigEndian(frame.substr(kVbri + 14, 4));
    return true;
  }
  return false;
}

// A frame of silence with the number of frames in it.
std::string XingFrame(const MpegFrames& frames) {
  std::string header = frames.first_header;
  header[1] = static_cast<char>(header[1] | 1);                     // no checksum
  header[2] = static_cast<char>((header[2] & 0x0C) | (0x0A << 4));  // a bit rate with room enough
  const auto parsed = ParseHeader(header);
  LOCKSTEP_CHECK(parsed.has_value());
  std::string frame = header + std::string(static_cast<std::size_t>(parsed->bytes) - 4, '\0');
  std::string tag("Xing\0\0\0\1", 8);
  for (int shift = 24; shift >= 0; shift -= 8) {
    tag += static_cast<char>(frames.count >> shift & 0xFF);
  }
  LOCKSTEP_CHECK(XingOffset(*parsed) + tag.size() <= frame.size());
  return frame.replace(XingOffset(*parsed), tag.size(), tag);
}

// Goes from frame to frame.
class FrameWalk {
 public:
  explicit FrameWalk(const std::string& path) : bytes_(path) {}

  std::optional<MpegFrames> Run() {
    SkipTags();
    const auto first = HeaderAt(at_);
    if (!first || !FirstTwoFit(*first)) return std::nullopt;
    stream_ = *first;
    MpegFrames frames;
    const bool has_promise =
        FindPromise(*first, bytes_.At(at_, std::min(kXingRoom, first->bytes)), &frames.promised);
    if (has_promise) at_ += first->bytes;
    frames.begin = at_;
    frames.samples_per_frame = first->samples;
    frames.first_header = std::string(bytes_.At(at_, kHeaderBytes));
    CountFrames(&frames);
    frames.end = at_;
    CheckRest();
    return frames;
  }

 private:
  // Passes over ID3 tags of version 2, whose length has 7 bits in each byte.
  void SkipTags() {
    constexpr Index kTagHead = 10;
    for (;;) {
      const std::string_view head = bytes_.At(at_, kTagHead);
      if (head.size() < kTagHead || !head.starts_with("ID3")) return;
      Index length = 0;
      for (const char c : head.substr(6, 4)) length = length << 7 | (c & 0x7F);
      const bool has_footer = (head[5] & 0x10) != 0;
      at_ += kTagHead + length + (has_footer ? kTagHead : 0);
    }
  }

  std::optional<FrameHeader> HeaderAt(Index at) { return ParseHeader(bytes_.At(at, kHeaderBytes)); }

  bool FirstTwoFit(const FrameHeader& first) {
    const auto second = HeaderAt(at_ + first.bytes);
    return first.bytes > 0 && second && second->SameStream(first);
  }

  void CountFrames(MpegFrames* frames) {
    for (;;) {
      const auto header = HeaderAt(at_);
      if (!header || header->bytes == 0 || !header->SameStream(stream_) ||
          at_ + header->bytes > bytes_.size()) {
        return;
      }
      at_ += header->bytes;
      ++frames->count;
    }
  }

  // Looks for more frames after the last one: three in a row are no accident.
  void CheckRest() {
    for (Index at = at_; at + kHeaderBytes <= bytes_.size(); ++at) {
      if (!ThreeFramesAt(at)) continue;
      throw BadData(
          "{}: the MPEG frames end at byte {}, though others follow at byte {}: the file is "
          "damaged there, or was joined from several; `ffmpeg -i {} OUT.wav` makes one recording "
          "of it",
          bytes_.path(), at_, at, ShellQuoted(bytes_.path()));
    }
  }

  bool ThreeFramesAt(Index at) {
    const auto first = HeaderAt(at);
    for (int frame = 0; frame < 3; ++frame) {
      const auto header = HeaderAt(at);
      if (!header || header->bytes == 0 || !header->SameStream(*first)) return false;
      at += header->bytes;
    }
    return true;
  }

  ByteWindow bytes_;
  Index at_ = 0;
  FrameHeader stream_;
};

}  // namespace

std::optional<MpegFrames> CountMpegFrames(const std::string& path) { return FrameWalk(path).Run(); }

std::optional<ViewBounds> ViewOfMpeg(const std::string& path, const MpegFrames& frames) {
  if (frames.promised == frames.count || frames.count == 0) return std::nullopt;
  const auto first = ParseHeader(frames.first_header);
  LOCKSTEP_CHECK(first.has_value());
  if (first->layer != 3) return std::nullopt;
  // Encoders disagree about whether the frame that holds the number counts, too.
  if (frames.promised >= 0 && std::abs(frames.promised - frames.count) > 1) {
    throw BadData(
        "{}: its header says that it has {} MPEG frames, the file has {}: {}; to use what is "
        "there, "
        "`ffmpeg -i {} OUT.wav`, and name that file",
        path, frames.promised, frames.count,
        frames.count < frames.promised ? "it was cut short" : "it was joined from several files",
        ShellQuoted(path));
  }
  return ViewBounds{XingFrame(frames), frames.begin, frames.end};
}

}  // namespace lockstep
