// Makes small PNG images, for use inside SVG and HTML, with a palette of 256 colours and one byte
// per pixel.
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

// A palette from dark to bright with evenly rising lightness, which can also be read in grey and by
// colour-blind people: some colours of matplotlib's "viridis" (public domain), interpolated
// linearly.
Palette ViridisPalette();

// The bytes of a PNG file. pixels [height, width], row-major, the upper row first; height and width
// must be at least 1.
std::string EncodePng(std::span<const std::uint8_t> pixels, Index width, const Palette& palette);

// Base64 (RFC 4648, section 4), for `href="data:image/png;base64,..."`.
std::string EncodeBase64(const std::string& bytes);

}  // namespace lockstep
