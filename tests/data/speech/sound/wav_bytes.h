// WAV files by hand, right and wrong.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

// The bytes of an integer or float, lowest first.
template <typename T>
std::string LittleBytes(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

// A chunk; its length can be made to lie.
inline std::string Chunk(const std::string& name, const std::string& content, Index length = -1) {
  return name + LittleBytes(static_cast<std::uint32_t>(length < 0 ? content.size() : length)) +
         content + std::string(content.size() % 2, '\0');
}

struct WavFormat {
  std::uint16_t tag = 1;  // 1 PCM, 3 float
  std::uint16_t channels = 1;
  std::uint32_t rate = 16000;
  std::uint16_t bits = 16;
};

inline std::string FormatBytes(const WavFormat& format) {
  const auto frame_bytes = static_cast<std::uint16_t>(format.channels * format.bits / 8);
  return LittleBytes(format.tag) + LittleBytes(format.channels) + LittleBytes(format.rate) +
         LittleBytes(format.rate * frame_bytes) + LittleBytes(frame_bytes) +
         LittleBytes(format.bits);
}

// The same as WAVE_FORMAT_EXTENSIBLE: the tag stands in the first two bytes of a GUID.
inline std::string ExtensibleBytes(const WavFormat& format) {
  WavFormat outside = format;
  outside.tag = 0xFFFE;
  return FormatBytes(outside) + LittleBytes<std::uint16_t>(22) + LittleBytes(format.bits) +
         LittleBytes<std::uint32_t>(0) + LittleBytes(format.tag) +
         std::string("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71", 14);
}

inline std::string RiffBytes(const std::string& chunks) {
  return "RIFF" + LittleBytes(static_cast<std::uint32_t>(chunks.size() + 4)) + "WAVE" + chunks;
}

// `data_length`: what the header says of the sound; -1 the truth.
inline std::string WavBytes(const WavFormat& format, const std::string& sound,
                            Index data_length = -1) {
  return RiffBytes(Chunk("fmt ", FormatBytes(format)) + Chunk("data", sound, data_length));
}

template <typename T>
std::string SoundBytes(const std::vector<T>& samples) {
  std::string bytes;
  for (T sample : samples) bytes += LittleBytes(sample);
  return bytes;
}

}  // namespace lockstep
