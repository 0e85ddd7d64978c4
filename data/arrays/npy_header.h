// The header of an .npy file (NumPy enhancement proposal 1, versions 1 to 3): what the values are
// and where they begin.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

// How a number is stored.
struct NumberType {
  char kind = 'f';       // f: IEEE 754, i: signed, u: unsigned, b: one byte, true or false
  Index bytes = 4;       // f: 2, 4 or 8; i, u: 1, 2, 4 or 8; b: 1
  bool swapped = false;  // in the byte order that this machine does not have
};

struct NpyHeader {
  NumberType type;
  std::vector<Index> shape;  // row-major; no dimension: a single value
  Index values_at = 0;       // offset of the first value
};

// Longer headers than this belong to structured types, which are not read.
inline constexpr Index kMostNpyHeaderBytes = 1 << 16;

// `start` is the start of the file, kMostNpyHeaderBytes of it or all; `name` stands in messages.
// BadData for a file that is none, a type that is not read, and values in column order (Fortran),
// each with what to do about it.
NpyHeader ParseNpyHeader(std::span<const std::byte> start, const std::string& name);

// Values of a shape; -1 where an extent is negative or they are more than a 63-bit number of bytes.
Index CountOf(const std::vector<Index>& shape, Index bytes_per_value);

// "[3, 4]".
std::string ShapeText(const std::vector<Index>& shape);

}  // namespace lockstep
