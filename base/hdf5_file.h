// Reads and writes HDF5 files of named, contiguous, unfiltered arrays, on disk or in memory. Only
// base/hdf5_*.cc call HDF5. An error of HDF5 becomes an IoError (writing) or BadData (reading) with
// HDF5's own text. HDF5 is not thread-safe, so each call holds one process-wide lock; any thread
// may call.
//
// Files are written without time stamps, so the same arrays give the same bytes. When reading,
// nothing is trusted: only hard links to contiguous datasets in the file itself are followed (no
// soft or external links, virtual datasets, filters or plugins), and the size that a dataset claims
// must equal what is stored, before memory is allocated for it.
//
//   Hdf5File file = Hdf5File::Create("shard.h5");
//   file.Write<float>("features", {steps, width}, values);
//   file.Close();
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/element_type.h"
#include "base/types.h"

namespace lockstep {

struct DatasetInfo {
  ElementType type;
  std::vector<Index> shape;
  Index count() const;  // product of the shape; 1 for a scalar
};

class Hdf5File {
 public:
  // Creates an empty file; an existing one is replaced.
  static Hdf5File Create(const std::string& path);
  // Creates a file in memory, whose bytes Image() returns. Memory is allocated in pieces of
  // `expected_bytes`; a single piece is enough if the file is not larger.
  static Hdf5File CreateInMemory(Index expected_bytes = 0);
  // Opens a file for reading. MissingInput if it does not exist, BadData if it is not an HDF5 file.
  static Hdf5File Open(const std::string& path);
  // Opens an image in memory for reading, without copying it: the bytes must outlive the file.
  // `name` is used as the name of the file in messages.
  static Hdf5File OpenImage(std::span<const std::byte> image, const std::string& name);

  Hdf5File(Hdf5File&&) noexcept;
  Hdf5File& operator=(Hdf5File&&) noexcept;
  ~Hdf5File();

  // Flushes and closes the file; IoError if that fails. The destructor closes it, but ignores
  // errors.
  void Close();
  // The bytes of a file made by CreateInMemory.
  std::vector<std::byte> Image();

  // Writes an array. Groups in `name` ("group/array") are created. Each name may be written once.
  void WriteRaw(const std::string& name, ElementType type, const std::vector<Index>& shape,
                const void* values);
  template <typename T>
  void Write(const std::string& name, const std::vector<Index>& shape, std::span<const T> values) {
    WriteRaw(name, ElementTypeOf<T>(), shape, values.data());
  }
  // Writes a text as one fixed-length UTF-8 string.
  void WriteText(const std::string& name, const std::string& text);

  bool Has(const std::string& name) const;
  DatasetInfo Info(const std::string& name) const;
  // Reads a whole array into `values`. BadData unless the stored element type is `type` and the
  // array fills `values` exactly.
  void ReadRaw(const std::string& name, ElementType type, std::span<std::byte> values) const;
  template <typename T>
  std::vector<T> Read(const std::string& name) const {
    const DatasetInfo info = Info(name);
    std::vector<T> values(static_cast<std::size_t>(info.count()));
    ReadRaw(name, ElementTypeOf<T>(), std::as_writable_bytes(std::span(values)));
    return values;
  }
  // Reads one fixed-length string, without the zeros at its end. BadData if the dataset holds
  // several, or more than 64 MiB.
  std::string ReadText(const std::string& name) const;
  // The full names of all datasets, sorted.
  std::vector<std::string> Datasets() const;

  const std::string& name() const { return name_; }
  // The file as HDF5 knows it; for base/hdf5_*.cc only.
  std::int64_t id() const { return id_; }

 private:
  Hdf5File(std::int64_t id, std::string name) : id_(id), name_(std::move(name)) {}
  std::int64_t id_;
  std::string name_;
};

}  // namespace lockstep
