#include "data/arrays/array_reading.h"

#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "base/file_kind.h"
#include "base/input_file.h"
#include "data/arrays/array_block_source.h"
#include "data/arrays/array_table_source.h"
#include "data/arrays/zip_file.h"

namespace lockstep {

namespace {

// Other zip archives are those of spreadsheets, and tables that somebody has packed.
bool HasOtherMembersOnly(const std::string& path) {
  try {
    const ZipFile zip(path);
    return !zip.members().empty() &&
           std::ranges::none_of(zip.members(), [](const ZipMember& member) {
             return member.name.ends_with(".npy");
           });
  } catch (const InputError&) {  // damaged; who opens it says how
    return false;
  }
}

}  // namespace

ArrayFileKind KindOfArrayFile(const std::string& path) {
  const std::string start = FirstBytes(path, kFileKindBytes);
  if (start.starts_with("\x93NUMPY")) return ArrayFileKind::kNpy;
  if (start.starts_with("\x89HDF\r\n\x1a\n")) return ArrayFileKind::kHdf5;
  if (start.starts_with("PK\x03\x04") || start.starts_with("PK\x05\x06")) {
    if (HasOtherMembersOnly(path)) RefuseKind(path, FileKindOf(start));
    return ArrayFileKind::kNpz;
  }
  if (start.starts_with("MATLAB 5.0 MAT-file")) {
    RefuseKind(path, {"a MATLAB file",
                      "read {} with scipy.io.loadmat and write its arrays with "
                      "numpy.savez"});
  }
  const bool is_gzip = start.starts_with("\x1F\x8B");  // of which the reader sees what is in it
  if (!is_gzip) RefuseKind(path, FileKindOf(start));
  return ArrayFileKind::kTable;
}

std::vector<std::string> PathsOf(const ArrayFiles& files) {
  std::vector<std::string> paths = files.files;
  const bool own_files = paths.empty() || KindOfArrayFile(paths[0]) == ArrayFileKind::kNpy;
  const ArrayMembers& members = files.members;
  if (paths.empty()) paths.push_back(members.inputs);
  if (!own_files) return paths;
  for (const std::string* path :
       {&members.targets, &members.lengths, &members.offsets, &members.statics}) {
    if (!path->empty()) paths.push_back(*path);
  }
  return paths;
}

namespace {

void CheckTableMembers(const ArrayFiles& files) {
  const ArrayMembers& members = files.members;
  for (const auto& [option, name, instead] :
       {std::tuple("--inputs", &members.inputs, "--input-columns"),
        std::tuple("--targets", &members.targets, "--target-columns"),
        std::tuple("--static-inputs", &members.statics, "--static-columns"),
        std::tuple("--lengths", &members.lengths, "--sequence-column"),
        std::tuple("--offsets", &members.offsets, "--sequence-column")}) {
    if (name->empty()) continue;
    throw UsageError("{}: {} names an array, but the file is a table; give {}", files.files[0],
                     option, instead);
  }
}

void CheckArrayOptions(const ArrayFiles& files, const ArrayTableOptions& table) {
  if (files.files.size() > 1) {
    throw UsageError("{}: is no table, and {} files are given for its split; give one",
                     files.files[0], files.files.size());
  }
  for (const auto& [option, given, instead] :
       {std::tuple("--sequence-column", !table.sequence_column.empty(),
                   "give --lengths or --offsets"),
        std::tuple("--split-column", !table.split_column.empty(), "give --valid and --test"),
        std::tuple("--time-column", !table.time_column.empty(), "leave it out"),
        std::tuple("--target-columns", !table.target_columns.empty(), "give --targets")}) {
    if (!given) continue;
    throw UsageError("{}: {} is for tables, but the file holds arrays; {}", PathsOf(files)[0],
                     option, instead);
  }
}

}  // namespace

void FillMembers(const ArrayMembers& from, ArrayMembers* members) {
  // Lengths and offsets say the same: who gives one means it instead of the other.
  const bool are_divided = !members->lengths.empty() || !members->offsets.empty();
  const ArrayMembers given = *members;
  for (std::string ArrayMembers::*const name :
       {&ArrayMembers::inputs, &ArrayMembers::targets, &ArrayMembers::lengths,
        &ArrayMembers::offsets, &ArrayMembers::statics}) {
    if ((members->*name).empty()) members->*name = from.*name;
  }
  if (!are_divided) return;
  members->lengths = given.lengths;
  members->offsets = given.offsets;
}

std::unique_ptr<ArraySource> OpenArraySource(const ArrayFiles& files,
                                             const ArrayReadOptions& options, ClassNames* classes) {
  const bool is_table =
      !files.files.empty() && KindOfArrayFile(files.files[0]) == ArrayFileKind::kTable;
  if (!is_table) {
    if (options.with_targets) CheckArrayOptions(files, options.table);
    return std::make_unique<ArrayBlockSource>(files, options, classes);
  }
  CheckTableMembers(files);
  ArrayTableOptions table = options.table;
  if (!options.with_targets) table.target_columns.clear();
  return std::make_unique<ArrayTableSource>(files.files, table, options.missing, options.target,
                                            classes);
}

}  // namespace lockstep
