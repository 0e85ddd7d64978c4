// One checkpoint = one file `step-<12 digits>.h5`: an ordinary HDF5 file that h5py and h5dump open,
// with a 512-byte block in front that holds magic, format version, length and hash of everything
// behind it (docs/checkpoint_format.md). The HDF5 image is built and hashed in memory, so the hash
// vouches for what was meant, not for what came to lie on the disk. The same content gives the same
// bytes.
//
// This folder knows named arrays and one JSON text, not models.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/function_ref.h"
#include "base/hdf5_file.h"

namespace lockstep {

inline constexpr int kCheckpointFormatVersion = 1;
inline constexpr Index kCheckpointHeaderBytes = 512;

// A whole file of a format that this program does not know yet. It is no damage: falling back to an
// older file would throw away what a newer program computed.
class NewerFormatError : public InputError {
 public:
  using InputError::InputError;
};

// Values of an array that somebody else owns. A '/' in the name makes groups; names below
// "lockstep/" are taken.
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

// What a checkpoint holds: arrays by name and the small state as JSON text.
struct CheckpointContent {
  std::string state;
  std::map<std::string, StoredArray> arrays;
};

// The file's bytes behind each other: header and image.
struct CheckpointImage {
  std::vector<std::byte> header;  // [512]
  std::vector<std::byte> body;
};
// The order of `arrays` makes no difference. At most two copies of the arrays live here at once.
CheckpointImage BuildCheckpoint(const std::string& state, std::span<const ArrayView> arrays);

// Writes the image so that it is there whole or not at all. IoError when not, also when `path`
// exists.
void WriteCheckpoint(const std::string& path, const CheckpointImage& image);
// `before_commit` is called when the file has all but its name; it throws to refuse it.
void WriteCheckpoint(const std::string& path, const CheckpointImage& image,
                     FunctionRef<void()> before_commit);
// The same, but a file that exists is replaced at once and whole: for a state that has moved on
// within its step.
void ReplaceCheckpoint(const std::string& path, const CheckpointImage& image,
                       FunctionRef<void()> before_commit);

// Reads and checks the whole file before HDF5 sees a byte of it. BadData saying what is wrong: too
// short, not ours, header, length, hash. NewerFormatError for a whole file of a newer format.
CheckpointContent ReadCheckpoint(const std::string& path);
// The same check without reading the arrays; returns the state text.
std::string VerifyCheckpoint(const std::string& path);

}  // namespace lockstep
