#include "base/hdf5_rows.h"

#include <algorithm>

#include "base/error.h"
#include "base/hdf5_call.h"

namespace lockstep {
namespace {

constexpr Index kChunkBytes = Index{1} << 20;
constexpr Index kTextsOfChunk = 4096;

std::vector<hsize_t> ShapeOf(Index rows, Index width) {
  std::vector<hsize_t> shape{static_cast<hsize_t>(rows)};
  if (width > 0) shape.push_back(static_cast<hsize_t>(width));
  return shape;
}

// A dataset without rows, which may get any number of them.
void Create(const Hdf5File& file, const std::string& name, hid_t type, Index width,
            Index chunk_rows) {
  const std::string what = fmt::format("create dataset \"{}\" of {}", name, file.name());
  const std::vector<hsize_t> none = ShapeOf(0, width), chunk = ShapeOf(chunk_rows, width);
  std::vector<hsize_t> most = none;
  most[0] = H5S_UNLIMITED;
  const int rank = static_cast<int>(none.size());
  const Hdf5Id space(H5Screate_simple(rank, none.data(), most.data()), H5Sclose);
  WriteChecked(space, what);
  const Hdf5Id plist(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(plist, false);
  WriteChecked(H5Pset_chunk(plist, rank, chunk.data()), what);
  Hdf5Id dataset(H5Dcreate2(file.id(), name.c_str(), type, space, H5P_DEFAULT, plist, H5P_DEFAULT),
                 H5Dclose);
  WriteChecked(dataset, what);
  dataset.CloseWritten(what);
}

// Writes `count` rows behind the `before` that are there.
void Extend(const Hdf5File& file, const std::string& name, hid_t type, Index width, Index before,
            Index count, const void* values) {
  const std::string what = fmt::format("write dataset \"{}\" of {}", name, file.name());
  Hdf5Id dataset(H5Dopen2(file.id(), name.c_str(), H5P_DEFAULT), H5Dclose);
  WriteChecked(dataset, what);
  const std::vector<hsize_t> whole = ShapeOf(before + count, width), added = ShapeOf(count, width);
  std::vector<hsize_t> from(whole.size(), 0);
  from[0] = static_cast<hsize_t>(before);
  WriteChecked(H5Dset_extent(dataset, whole.data()), what);
  const Hdf5Id place(H5Dget_space(dataset), H5Sclose);
  WriteChecked(
      H5Sselect_hyperslab(place, H5S_SELECT_SET, from.data(), nullptr, added.data(), nullptr),
      what);
  const Hdf5Id memory(H5Screate_simple(static_cast<int>(added.size()), added.data(), nullptr),
                      H5Sclose);
  WriteChecked(H5Dwrite(dataset, type, memory, place, H5P_DEFAULT, values), what);
  dataset.CloseWritten(what);
}

Hdf5Id TextType() {
  Hdf5Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

}  // namespace

Hdf5Rows::Hdf5Rows(const Hdf5File& file, const std::string& name, ElementType type, Index width)
    : file_(file),
      name_(name),
      type_(type),
      width_(width),
      row_bytes_(std::max<Index>(1, width) * ElementBytes(type)),
      chunk_rows_(std::max<Index>(1, kChunkBytes / row_bytes_)) {
  const Hdf5Guard guard;
  Create(file, name, NativeType(type), width, chunk_rows_);
}

// Whole chunks go to the file in one piece each.
void Hdf5Rows::AppendRaw(std::span<const std::byte> bytes) {
  LOCKSTEP_CHECK_EQ(static_cast<Index>(bytes.size()) % row_bytes_, 0);
  while (!bytes.empty()) {
    const std::size_t room = static_cast<std::size_t>((chunk_rows_ - Held()) * row_bytes_);
    const auto part = bytes.first(std::min(room, bytes.size()));
    held_.insert(held_.end(), part.begin(), part.end());
    bytes = bytes.subspan(part.size());
    if (Held() == chunk_rows_) Write();
  }
}

void Hdf5Rows::Write() {
  if (held_.empty()) return;
  const Hdf5Guard guard;
  Extend(file_, name_, NativeType(type_), width_, written_, Held(), held_.data());
  written_ += Held();
  held_.clear();
}

void Hdf5Rows::Finish() { Write(); }

Hdf5Texts::Hdf5Texts(const Hdf5File& file, const std::string& name) : file_(file), name_(name) {
  const Hdf5Guard guard;
  Create(file, name, TextType(), 0, kTextsOfChunk);
}

void Hdf5Texts::Append(const std::string& text) {
  held_.push_back(text);
  if (static_cast<Index>(held_.size()) == kTextsOfChunk) Write();
}

void Hdf5Texts::Write() {
  if (held_.empty()) return;
  const Hdf5Guard guard;
  std::vector<const char*> texts;
  for (const std::string& text : held_) texts.push_back(text.c_str());
  const Index count = static_cast<Index>(texts.size());
  Extend(file_, name_, TextType(), 0, written_, count, texts.data());
  written_ += count;
  held_.clear();
}

}  // namespace lockstep
