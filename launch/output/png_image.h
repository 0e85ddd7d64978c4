// Small images for pictures inside SVG and HTML: PNG of a palette of 256 colours, one byte a pixel.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "base/types.h"

namespace lockstep {

struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
};
using Palette = std::array<Colour, 256>;

// Dark to bright with evenly rising lightness, readable in grey and for the colour-blind: the
// anchors of matplotlib's "viridis" (public domain), joined by straight lines.
Palette ViridisPalette();

// The bytes of the file. pixels [height, width], row-major, the upper row first; 1 or more of both.
std::string EncodePng(std::span<const std::uint8_t> pixels, Index width, const Palette& palette);

// For `href="data:image/png;base64,..."`. RFC 4648, section 4.
std::string EncodeBase64(const std::string& bytes);

}  // namespace lockstep
