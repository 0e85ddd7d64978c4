#include "data/speech/sound/declared_lengths.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/shell_word.h"
#include "data/speech/sound/byte_window.h"

namespace lockstep {
namespace {

enum class ByteOrder { kBig, kLittle };

constexpr Index kNotGiven = Index{1} << 62;
constexpr Index kHighest32 = 0xFFFFFFFF;

// An unsigned integer. Those beyond 2^62 are as wrong as 2^62 and become that.
Index Integer(std::string_view bytes, ByteOrder order) {
  std::string text(bytes);
  if (order == ByteOrder::kLittle) std::reverse(text.begin(), text.end());
  std::uint64_t value = 0;
  for (const unsigned char byte : text) value = value << 8 | byte;
  return static_cast<Index>(std::min(value, static_cast<std::uint64_t>(kNotGiven)));
}

void CheckHolds(const ByteWindow& file, const char* format, Index promised, Index rest) {
  if (promised <= rest) return;
  throw BadData(
      "{}: the {} header promises {} bytes of sound, the file holds {}: it was cut short; copy or "
      "convert the file again from its source",
      file.path(), format, promised, rest);
}

// ".snd", offset of the sound, its length, ...; four bytes each.
void CheckAu(ByteWindow& file, ByteOrder order) {
  const std::string head(file.At(0, 12));
  if (head.size() < 12) return;
  const Index offset = Integer(head.substr(4, 4), order);
  const Index length = Integer(head.substr(8, 4), order);
  if (length == kHighest32 || offset > file.size()) return;
  const Index rest = file.size() - offset;
  CheckHolds(file, "AU", length, rest);
  constexpr Index kFewBytes = 8;
  if (rest - length <= kFewBytes) return;
  throw BadData(
      "{}: the AU header promises {} bytes of sound, and {} more follow: the length is wrong; make "
      "a file with the right one, for example with `sox --ignore-length {} OUT.wav`",
      file.path(), length, rest - length, ShellQuoted(file.path()));
}

// Chunks of a name, a length, and that many bytes, padded to an even number.
void CheckAiff(ByteWindow& file) {
  constexpr Index kFormHead = 12, kChunkHead = 8;
  constexpr Index kFromPipe = 0x7F000000;  // sox writes this and some more
  for (Index at = kFormHead; at + kChunkHead <= file.size();) {
    const std::string head(file.At(at, kChunkHead));
    const Index length = Integer(std::string_view(head).substr(4), ByteOrder::kBig);
    at += kChunkHead;
    if (head.starts_with("SSND")) {
      if (length < kFromPipe) CheckHolds(file, "AIFF", length, file.size() - at);
      return;
    }
    at += length + length % 2;
  }
}

// Chunks of a name of 16 bytes, a length that counts name and length, too, padded to 8 bytes.
void CheckW64(ByteWindow& file) {
  constexpr Index kFormHead = 40, kChunkHead = 24;
  for (Index at = kFormHead; at + kChunkHead <= file.size();) {
    const std::string head(file.At(at, kChunkHead));
    const Index length = Integer(std::string_view(head).substr(16), ByteOrder::kLittle);
    if (length < kChunkHead) return;  // libsndfile says what is wrong
    if (head.starts_with("data")) {
      if (length < kNotGiven) CheckHolds(file, "W64", length, file.size() - at);
      return;
    }
    at += (std::min(length, file.size()) + 7) / 8 * 8;
  }
}

}  // namespace

void CheckDeclaredLengths(const std::string& path) {
  ByteWindow file(path);
  const std::string start(file.At(0, 12));
  if (start.starts_with(".snd")) return CheckAu(file, ByteOrder::kBig);
  if (start.starts_with("dns.")) return CheckAu(file, ByteOrder::kLittle);
  if (start.starts_with("FORM") && start.substr(4).find("AIF") == 4) return CheckAiff(file);
  if (start.starts_with("riff\x2e\x91")) return CheckW64(file);
}

}  // namespace lockstep
