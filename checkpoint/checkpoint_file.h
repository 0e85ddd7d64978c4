// Reads and writes checkpoint files. A checkpoint is one file `step-<12 digits>.h5`: an ordinary
// HDF5 file, which h5py and h5dump can open, after a 512-byte header that holds magic, format
// version, and length and hash of the rest of the file (docs/checkpoint_format.md). The HDF5 image
// is built and hashed in memory, so the hash is that of the intended contents, not of what happens
// to be on the disk. The same content gives the same bytes.
//
// This folder (checkpoint/) knows named arrays and one JSON text, but no models.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/element_type.h"
#include "base/error.h"
#include "base/function_ref.h"

namespace lockstep {

inline constexpr int kCheckpointFormatVersion = 1;
inline constexpr Index kCheckpointHeaderBytes = 512;

// The file is whole, but has a format that only newer programs know. This is not damage: falling
// back to an older file would throw away what a newer program has computed.
class NewerFormatError : public InputError {
 public:
  using InputError::InputError;
};

// An array whose values the caller owns. A '/' in the name makes HDF5 groups; names that begin with
// "lockstep/" are reserved.
struct ArrayView {
  std::string name;
  ElementType type;
  std::vector<Index> shape;
  const void* values;
};

struct StoredArray {
  ElementType type;
  std::vector<Index> shape;
  std::vector<std::byte> values;
  template <typename T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(values.data()), values.size() / sizeof(T)};
  }
};

// The contents of a checkpoint: arrays by name, and a small state as JSON text.
struct CheckpointContent {
  std::string state;
  std::map<std::string, StoredArray> arrays;
};

// The bytes of a file: the header, followed by the HDF5 image.
struct CheckpointImage {
  std::vector<std::byte> header;  // [512]
  std::vector<std::byte> body;
};
// Builds the bytes of a file. The order of `arrays` does not matter. Takes the memory of at most
// two copies of the arrays.
CheckpointImage BuildCheckpoint(const std::string& state, std::span<const ArrayView> arrays);

// Writes the file such that it exists whole or not at all. IoError if it cannot be written, and if
// `path` exists already.
void WriteCheckpoint(const std::string& path, const CheckpointImage& image);
// The same, but calls `before_commit` when the file is complete and lacks only its name;
// `before_commit` may throw to refuse it.
void WriteCheckpoint(const std::string& path, const CheckpointImage& image,
                     FunctionRef<void()> before_commit);
// The same, but if `path` exists, it is replaced in one step. For a state that has changed after
// its step was saved.
void ReplaceCheckpoint(const std::string& path, const CheckpointImage& image,
                       FunctionRef<void()> before_commit);

// Reads a file. Its hash is checked before HDF5 sees a byte of it, because HDF5 may crash on
// damaged files. BadData that says what is wrong: too short, not a checkpoint, damaged header,
// wrong length or hash. NewerFormatError for a whole file of a newer format.
CheckpointContent ReadCheckpoint(const std::string& path);
// Does the same checks, but does not read the arrays; returns the JSON text of the state.
std::string VerifyCheckpoint(const std::string& path);

}  // namespace lockstep
