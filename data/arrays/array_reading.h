// Opens whatever a user's data is kept in: tables, NumPy files, HDF5.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/arrays/array_sequence.h"
#include "data/arrays/array_table_layout.h"
#include "data/arrays/missing_marks.h"

namespace lockstep {

// Names of arrays in an .npz or HDF5 file, or paths of .npy files.
struct ArrayMembers {
  std::string inputs = {};   // [N, T, D], or [N, D]; with lengths or offsets also [rows, D]
  std::string targets = {};  // [N], [N, T], [N, K], [N, T, K], [rows] or [rows, K]
  std::string lengths = {};  // [N] steps of each sequence
  std::string offsets = {};  // [N + 1] first row of each sequence, and the number of rows
  std::string statics = {};  // [N] or [N, S]: inputs that are constant per sequence
  bool operator==(const ArrayMembers&) const = default;
};

// Gives *members the names of `from` where it has none.
void FillMembers(const ArrayMembers& from, ArrayMembers* members);

// Where the sequences of a split are.
struct ArrayFiles {
  std::vector<std::string> files = {};  // tables, or one .npz, .npy or HDF5 file
  ArrayMembers members = {};
  bool any() const { return !files.empty() || !members.inputs.empty(); }
};

struct ArrayReadOptions {
  ArrayTableOptions table = {};
  MissingMarks missing{};
  TargetKind target = TargetKind::kFromData;
  TargetPer per = TargetPer::kFromData;
  bool with_targets = true;
};

// `classes` must outlive the source. UsageError for options that do not go with the kind of file.
std::unique_ptr<ArraySource> OpenArraySource(const ArrayFiles& files,
                                             const ArrayReadOptions& options, ClassNames* classes);

// What kind of file it is, by its first bytes. MissingInput when it is not there.
enum class ArrayFileKind { kTable, kNpy, kNpz, kHdf5 };
ArrayFileKind KindOfArrayFile(const std::string& path);

// All paths that the files of a split name.
std::vector<std::string> PathsOf(const ArrayFiles& files);

}  // namespace lockstep
