// Files of named, contiguous, unfiltered arrays, on disk or in memory. Every return code becomes an
// IoError (writing) or BadData (reading) with HDF5's own words. HDF5 is not thread-safe, so each
// call holds one process-wide lock; any thread may call.
//
// Written files have no times in them: the same arrays give the same bytes. When reading, nothing
// is trusted: only hard links to contiguous datasets stored in the file itself are followed (no
// soft or external links, virtual datasets, filters or plugins), and a dataset's claimed size must
// equal what is stored before memory is taken for it.
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
  // A file that lives in memory until Image() is taken, in pieces of `expected_bytes`: one piece
  // when it is not smaller than the file.
  static Hdf5File CreateInMemory(Index expected_bytes = 0);
  // Opens for reading. MissingInput when it is not there, BadData when it is no HDF5 file.
  static Hdf5File Open(const std::string& path);
  // Opens an image for reading where it lies: the bytes must outlive the file and its datasets.
  // `name` stands for the file in messages.
  static Hdf5File OpenImage(std::span<const std::byte> image, const std::string& name);

  Hdf5File(Hdf5File&&) noexcept;
  Hdf5File& operator=(Hdf5File&&) noexcept;
  ~Hdf5File();

  // Flushes and closes; throws IoError when that fails. The destructor closes silently.
  void Close();
  // The bytes of a file made by CreateInMemory.
  std::vector<std::byte> Image();

  // Groups on the way to `name` ("group/array") are made. Each name once.
  void WriteRaw(const std::string& name, ElementType type, const std::vector<Index>& shape,
                const void* values);
  template <typename T>
  void Write(const std::string& name, const std::vector<Index>& shape, std::span<const T> values) {
    WriteRaw(name, ElementTypeOf<T>(), shape, values.data());
  }
  // Text is stored as one fixed-length UTF-8 string.
  void WriteText(const std::string& name, const std::string& text);

  bool Has(const std::string& name) const;
  DatasetInfo Info(const std::string& name) const;
  // The whole array into `values`. The element type must be the stored one, and the array must fill
  // `values` exactly; BadData else.
  void ReadRaw(const std::string& name, ElementType type, std::span<std::byte> values) const;
  template <typename T>
  std::vector<T> Read(const std::string& name) const {
    const DatasetInfo info = Info(name);
    std::vector<T> values(static_cast<std::size_t>(info.count()));
    ReadRaw(name, ElementTypeOf<T>(), std::as_writable_bytes(std::span(values)));
    return values;
  }
  // One fixed-length string, without the zeros at its end. BadData for several in one dataset.
  std::string ReadText(const std::string& name) const;
  // Full names of all datasets, sorted.
  std::vector<std::string> Datasets() const;

  const std::string& name() const { return name_; }

 private:
  Hdf5File(std::int64_t id, std::string name) : id_(id), name_(std::move(name)) {}
  std::int64_t id_;
  std::string name_;
};

}  // namespace lockstep
