// An array of numbers in an .npy, .npz or HDF5 file, in row-major order, read as doubles in pieces.
// An .npy file and a stored member of an .npz file stay on disk; what is compressed, and a dataset
// of an HDF5 file, is held in memory.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/raw_file.h"
#include "data/arrays/npy_header.h"

namespace lockstep {

class NumberArray {
 public:
  // Values in a file from `values_at` on.
  NumberArray(std::string name, NumberType type, std::vector<Index> shape, RawFile file,
              Index values_at);
  // Values in memory, from the byte `values_at` on.
  NumberArray(std::string name, NumberType type, std::vector<Index> shape,
              std::vector<std::byte> bytes, Index values_at);

  // "x.npy", or "data.npz: x".
  const std::string& name() const { return name_; }
  const std::vector<Index>& shape() const { return shape_; }
  // Elements [first, first + values.size()), which must be within the array.
  void Read(Index first, std::span<double> values) const;
  // All elements.
  std::vector<double> ReadAll() const;

 private:
  std::string name_;
  NumberType type_;
  std::vector<Index> shape_;
  std::optional<RawFile> file_;
  std::vector<std::byte> bytes_;
  Index values_at_;
};

// The array of an .npy file (`member` is empty), or `member` of an .npz or HDF5 file. BadData where
// the file is damaged or the array is of a kind that is not read; UsageError that lists the names
// where there is no such member.
NumberArray OpenNumberArray(const std::string& path, const std::string& member);

}  // namespace lockstep
