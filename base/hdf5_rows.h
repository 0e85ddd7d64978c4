// Appends rows to datasets of an HDF5 file that grow as they are written, in constant memory: for
// results whose number is not known before. Such datasets are stored in chunks, which Hdf5File does
// not read (it reads what this program stores for itself); h5py and all other programs do.
//
// The same rows give the same bytes of the file, however they are divided between calls.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/element_type.h"
#include "base/hdf5_file.h"

namespace lockstep {

// Rows of numbers.
class Hdf5Rows {
 public:
  // Creates the dataset `name` [0, width], or [0] where `width` is 0, in a file open for writing,
  // which must outlive it. `width` is that of a row in elements.
  Hdf5Rows(const Hdf5File& file, const std::string& name, ElementType type, Index width);

  template <typename T>
  void Append(std::span<const T> values) {
    AppendRaw(std::as_bytes(values));
  }
  template <typename T>
  void Append(T value) {
    Append(std::span<const T>(&value, 1));
  }
  // Writes what is left in memory. Nothing may be appended after it.
  void Finish();

  Index rows() const { return written_ + Held(); }

 private:
  void AppendRaw(std::span<const std::byte> bytes);
  Index Held() const { return static_cast<Index>(held_.size()) / row_bytes_; }
  void Write();

  const Hdf5File& file_;
  std::string name_;
  ElementType type_;
  Index width_, row_bytes_, chunk_rows_;
  Index written_ = 0;
  std::vector<std::byte> held_;  // rows not yet written, fewer than a chunk has
};

// Texts, one per row, as UTF-8 of any length.
class Hdf5Texts {
 public:
  Hdf5Texts(const Hdf5File& file, const std::string& name);
  void Append(const std::string& text);
  void Finish() { Write(); }

 private:
  void Write();

  const Hdf5File& file_;
  std::string name_;
  Index written_ = 0;
  std::vector<std::string> held_;
};

}  // namespace lockstep
