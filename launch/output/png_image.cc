#include "launch/output/png_image.h"

#include <zlib.h>

#include "base/error.h"

namespace lockstep {
namespace {

void AppendBigEndian(std::uint32_t value, std::string* bytes) {
  for (const int shift : {24, 16, 8, 0}) *bytes += static_cast<char>((value >> shift) & 0xFF);
}

// Appends a chunk (PNG specification, ISO/IEC 15948, section 5.3): length, type, data, and the CRC
// of type and data.
void AppendChunk(const std::string& type, const std::string& data, std::string* png) {
  AppendBigEndian(static_cast<std::uint32_t>(data.size()), png);
  const std::string body = type + data;
  *png += body;
  const auto crc =
      ::crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  AppendBigEndian(static_cast<std::uint32_t>(crc), png);
}

std::string Deflate(const std::string& bytes) {
  uLongf size = ::compressBound(bytes.size());
  std::string packed(size, '\0');
  LOCKSTEP_CHECK_EQ(::compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                                reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), 9),
                    Z_OK);
  packed.resize(size);
  return packed;
}

}  // namespace

Palette ViridisPalette() {
  constexpr Colour kAnchors[] = {{68, 1, 84},    {71, 44, 122},  {59, 81, 139},
                                 {44, 113, 142}, {33, 144, 141}, {39, 173, 129},
                                 {92, 200, 99},  {170, 220, 50}, {253, 231, 37}};
  constexpr std::size_t kSteps = std::size(kAnchors) - 1;
  Palette palette;
  for (std::size_t i = 0; i < palette.size(); ++i) {
    const std::size_t place = i * kSteps;  // in units of 1/255 of a step
    const std::size_t low = std::min(place / 255, kSteps - 1);
    const auto between = [&](std::uint8_t from, std::uint8_t to) {
      const int share = static_cast<int>(place - low * 255);
      return static_cast<std::uint8_t>(from + (to - from) * share / 255);
    };
    const Colour from = kAnchors[low], to = kAnchors[low + 1];
    palette[i] = {between(from.red, to.red), between(from.green, to.green),
                  between(from.blue, to.blue)};
  }
  return palette;
}

std::string EncodePng(std::span<const std::uint8_t> pixels, Index width, const Palette& palette) {
  LOCKSTEP_CHECK(width > 0 && !pixels.empty());
  const Index height = static_cast<Index>(pixels.size()) / width;
  LOCKSTEP_CHECK_EQ(height * width, static_cast<Index>(pixels.size()));
  std::string png = "\x89PNG\r\n\x1a\n", header, colours, rows;
  AppendBigEndian(static_cast<std::uint32_t>(width), &header);
  AppendBigEndian(static_cast<std::uint32_t>(height), &header);
  header += std::string("\x08\x03\0\0\0", 5);  // 8 bits, palette, no interlacing
  for (const Colour colour : palette) {
    for (const std::uint8_t part : {colour.red, colour.green, colour.blue}) {
      colours += static_cast<char>(part);
    }
  }
  for (Index y = 0; y < height; ++y) {
    rows += '\0';  // no filter
    rows.append(reinterpret_cast<const char*>(pixels.data()) + y * width,
                static_cast<std::size_t>(width));
  }
  AppendChunk("IHDR", header, &png);
  AppendChunk("PLTE", colours, &png);
  AppendChunk("IDAT", Deflate(rows), &png);
  AppendChunk("IEND", "", &png);
  return png;
}

std::string EncodeBase64(const std::string& bytes) {
  constexpr const char* kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = (group << 8) | (i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      const bool is_there = i + k <= bytes.size();  // digit k needs byte k - 1 or 0
      text += is_there || k == 0 ? kDigits[(group >> (18 - 6 * k)) & 63] : '=';
    }
  }
  return text;
}

}  // namespace lockstep
