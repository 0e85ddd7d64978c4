// The header of a safetensors file (safetensors.h describes the format), and every check of what it
// claims.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "checkpoint/checkpoint_file.h"

namespace lockstep {

// The longest header that is read or written. Those of recurrent networks have a few kilobytes, and
// the names of a large vocabulary some megabytes.
inline constexpr Index kMostSafetensorsHeaderBytes = Index{1} << 24;
inline constexpr Index kSafetensorsLengthBytes = 8;  // in front of the header

struct TensorInfo {
  std::string dtype;  // as in the file: F64, F32, F16, BF16, I64, ...
  std::vector<Index> shape;
  Index begin = 0;  // bytes, from the beginning of the file
  Index end = 0;
  Index count() const;
};

struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  std::map<std::string, TensorInfo> tensors;
};

// Reads the JSON of a header of a file of `size` bytes. BadData that names `path` and what is
// wrong.
SafetensorsHeader ReadSafetensorsHeader(const std::string& path, const std::string& text,
                                        Index size);
[[noreturn]] void FailSafetensors(const std::string& path, const std::string& problem);

// The bytes in front of the arrays, which lie one after another in the order of `arrays` (float32
// only). Padded with blanks, so that the arrays begin at a multiple of 8 bytes. UsageError if the
// JSON would be longer than kMostSafetensorsHeaderBytes.
std::vector<std::byte> BuildSafetensorsHeader(const std::map<std::string, std::string>& metadata,
                                              std::span<const ArrayView> arrays);

}  // namespace lockstep
