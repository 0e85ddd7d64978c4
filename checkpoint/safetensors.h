// Reads and writes safetensors files, the form in which PyTorch models are handed on
// (https://github.com/huggingface/safetensors, "Format"):
//
//   8 bytes   N, uint64, little-endian
//   N bytes   JSON: {"__metadata__": {"key": "text", ...},
//                    "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}
//   the rest  the arrays, row-major and little-endian; offsets count from here
//
// The arrays fill the rest without gaps and without overlaps. A file may come from anywhere: Open
// looks at every claim of the header and takes no memory that a claim could make large; an array
// is as large as its bytes in the file.
//
// Not read: checksums, which the format does not have.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/raw_file.h"
#include "checkpoint/safetensors_header.h"

namespace lockstep {

class SafetensorsFile {
 public:
  // Reads the header. BadData that names the file and what is wrong with it.
  static SafetensorsFile Open(const std::string& path);

  const std::string& path() const { return file_.path(); }
  const std::map<std::string, std::string>& metadata() const { return header_.metadata; }
  const std::map<std::string, TensorInfo>& tensors() const { return header_.tensors; }
  // The values of a tensor, which must be there, as float. F64 is rounded to nearest; F16 and BF16
  // are exact. BadData for other types, which no parameter has.
  std::vector<float> ReadFloats(const std::string& name) const;

 private:
  explicit SafetensorsFile(RawFile file) : file_(std::move(file)) {}

  RawFile file_;
  SafetensorsHeader header_;
};

// Writes the file such that it exists whole or not at all. IoError if it cannot be written, and if
// `path` exists already.
void WriteSafetensors(const std::string& path, const std::map<std::string, std::string>& metadata,
                      std::span<const ArrayView> arrays);

}  // namespace lockstep
