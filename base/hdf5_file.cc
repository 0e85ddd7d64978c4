#include "base/hdf5_file.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/error.h"
#include "base/hdf5_call.h"
#include "base/hdf5_dataset.h"

namespace lockstep {
namespace {

// HDF5 takes two open images of the same name for one file and would read the first one twice.
std::string ImageName() {
  static std::atomic<int> counter{0};
  return fmt::format("lockstep-image-{}", counter++);
}

// Lets the core driver read an image where it lies; by default it makes two copies of it.
void UseImageInPlace(hid_t access, std::span<const std::byte> image) {
  H5FD_file_image_callbacks_t callbacks{};
  callbacks.image_malloc = [](std::size_t, H5FD_file_image_op_t, void* data) { return data; };
  callbacks.image_memcpy = [](void* to, const void*, std::size_t, H5FD_file_image_op_t, void*) {
    return to;
  };
  callbacks.image_realloc = [](void*, std::size_t, H5FD_file_image_op_t, void*) -> void* {
    return nullptr;  // it is open for reading: it never grows
  };
  callbacks.image_free = [](void*, H5FD_file_image_op_t, void*) -> herr_t { return 0; };
  callbacks.udata_copy = [](void* data) { return data; };
  callbacks.udata_free = [](void*) -> herr_t { return 0; };
  callbacks.udata = const_cast<std::byte*>(image.data());
  H5Pset_file_image_callbacks(access, &callbacks);
  H5Pset_file_image(access, callbacks.udata, image.size());
}

// Files on disk are opened without file locks: network file systems often have none, and a file
// here is written once, under a name of its own, and then only read.
hid_t AccessWithoutLocks() {
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_file_locking(access, false, true);
  return access;
}

// The state of a run with a vocabulary of a million words has about 20 MB.
constexpr std::size_t kMostTextBytes = std::size_t{1} << 26;

std::string Where(const std::string& file, const std::string& name) {
  return fmt::format("{}: dataset \"{}\"", file, name);
}

}  // namespace

Index DatasetInfo::count() const { return CheckedCount(shape); }

Hdf5File Hdf5File::Create(const std::string& path) {
  const Hdf5Guard guard;
  InitialiseHdf5();
  const Hdf5Id access(AccessWithoutLocks(), H5Pclose);
  const hid_t id = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
  if (id < 0) {
    throw IoError(fmt::format("cannot create {}: HDF5 says: {}", path, Hdf5Text()),
                  ExitCode::kCannotCreate);
  }
  return Hdf5File(id, path);
}

// HDF5 takes 5 KiB to know an object of 0.5 KiB, and keeps them all while their bytes in the file
// are below the size of its cache.
void LimitKnownObjects(hid_t access) {
  constexpr std::size_t kBytes = 32 << 10;
  H5AC_cache_config_t cache;
  cache.version = H5AC__CURR_CACHE_CONFIG_VERSION;
  WriteChecked(H5Pget_mdc_config(access, &cache), "get the cache of HDF5");
  cache.set_initial_size = true;
  cache.initial_size = cache.min_size = cache.max_size = kBytes;
  cache.incr_mode = H5C_incr__off;
  cache.flash_incr_mode = H5C_flash_incr__off;
  cache.decr_mode = H5C_decr__off;
  WriteChecked(H5Pset_mdc_config(access, &cache), "set the cache of HDF5");
}

Hdf5File Hdf5File::CreateInMemory(Index expected_bytes) {
  const Hdf5Guard guard;
  InitialiseHdf5();
  const Hdf5Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  constexpr Index kLeastBytes = Index{1} << 16;
  H5Pset_fapl_core(access, static_cast<std::size_t>(std::max(expected_bytes, kLeastBytes)), false);
  LimitKnownObjects(access);
  const hid_t id = H5Fcreate(ImageName().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
  return Hdf5File(WriteChecked(id, "make an HDF5 image in memory"), "image");
}

Hdf5File Hdf5File::Open(const std::string& path) {
  const Hdf5Guard guard;
  InitialiseHdf5();
  if (::access(path.c_str(), R_OK) != 0)
    throw MissingInput("cannot open {}: {}", path, ErrnoText());
  const Hdf5Id access(AccessWithoutLocks(), H5Pclose);
  return Hdf5File(ReadChecked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), "open " + path), path);
}

Hdf5File Hdf5File::OpenImage(std::span<const std::byte> image, const std::string& name) {
  const Hdf5Guard guard;
  InitialiseHdf5();
  if (image.empty()) throw BadData("cannot open the HDF5 image in {}: it is empty", name);
  const Hdf5Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  constexpr std::size_t kGrowBytes = 1 << 20;
  H5Pset_fapl_core(access, kGrowBytes, false);
  UseImageInPlace(access, image);
  const hid_t id = H5Fopen(ImageName().c_str(), H5F_ACC_RDONLY, access);
  return Hdf5File(ReadChecked(id, "open the HDF5 image in " + name), name);
}

Hdf5File::Hdf5File(Hdf5File&& other) noexcept
    : id_(std::exchange(other.id_, -1)), name_(std::move(other.name_)) {}

Hdf5File& Hdf5File::operator=(Hdf5File&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(name_, other.name_);
  return *this;
}

Hdf5File::~Hdf5File() {
  const Hdf5Guard guard;
  if (id_ >= 0) H5Fclose(id_);
}

void Hdf5File::Close() {
  const Hdf5Guard guard;
  WriteChecked(H5Fclose(std::exchange(id_, -1)), "close " + name_);
}

std::vector<std::byte> Hdf5File::Image() {
  const Hdf5Guard guard;
  WriteChecked(H5Fflush(id_, H5F_SCOPE_GLOBAL), "flush " + name_);
  const ssize_t bytes = H5Fget_file_image(id_, nullptr, 0);
  WriteChecked(bytes, "measure " + name_);
  std::vector<std::byte> image(static_cast<std::size_t>(bytes));
  WriteChecked(H5Fget_file_image(id_, image.data(), image.size()), "copy " + name_);
  return image;
}

void Hdf5File::WriteRaw(const std::string& name, ElementType type, const std::vector<Index>& shape,
                        const void* values) {
  const Hdf5Guard guard;
  const std::string what = fmt::format("write dataset \"{}\" of {}", name, name_);
  const std::vector<hsize_t> dims(shape.begin(), shape.end());
  const Hdf5Id space(dims.empty()
                         ? H5Screate(H5S_SCALAR)
                         : H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr),
                     H5Sclose);
  WriteChecked(space, what);
  const Hdf5Id links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  const Hdf5Id plist(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(plist, false);
  Hdf5Id dataset(H5Dcreate2(id_, name.c_str(), NativeType(type), space, links, plist, H5P_DEFAULT),
                 H5Dclose);
  WriteChecked(dataset, what);
  if (CheckedCount(shape) > 0)
    WriteChecked(H5Dwrite(dataset, NativeType(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, values), what);
  dataset.CloseWritten(what);
}

void Hdf5File::WriteText(const std::string& name, const std::string& text) {
  const Hdf5Guard guard;
  const std::string what = fmt::format("write text \"{}\" of {}", name, name_);
  const Hdf5Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, std::max<std::size_t>(1, text.size()));
  H5Tset_cset(type, H5T_CSET_UTF8);
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  const Hdf5Id space(H5Screate(H5S_SCALAR), H5Sclose);
  const Hdf5Id links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  const Hdf5Id plist(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(plist, false);
  Hdf5Id dataset(H5Dcreate2(id_, name.c_str(), type, space, links, plist, H5P_DEFAULT), H5Dclose);
  WriteChecked(dataset, what);
  WriteChecked(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text.c_str()), what);
  dataset.CloseWritten(what);
}

bool Hdf5File::Has(const std::string& name) const {
  const Hdf5Guard guard;
  const bool found = H5Lexists(id_, name.c_str(), H5P_DEFAULT) > 0;
  H5Eclear2(H5E_DEFAULT);
  return found;
}

DatasetInfo Hdf5File::Info(const std::string& name) const {
  const Hdf5Guard guard;
  const std::string where = Where(name_, name);
  return InfoOf(OpenPlain(id_, name, where), where);
}

void Hdf5File::ReadRaw(const std::string& name, ElementType type,
                       std::span<std::byte> values) const {
  const Hdf5Guard guard;
  const std::string where = Where(name_, name);
  const Hdf5Id dataset = OpenPlain(id_, name, where);
  const DatasetInfo info = InfoOf(dataset, where);
  if (info.type != type) {
    throw BadData("{} holds {}, expected {}", where, ElementName(info.type), ElementName(type));
  }
  ReadInto(dataset, NativeType(type), values, where);
}

std::string Hdf5File::ReadText(const std::string& name) const {
  const Hdf5Guard guard;
  const std::string where = fmt::format("{}: text \"{}\"", name_, name);
  const Hdf5Id dataset = OpenPlain(id_, name, where);
  const Hdf5Id type(ReadChecked(H5Dget_type(dataset), "read " + where), H5Tclose);
  if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) > 0) {
    throw BadData("{}: is no fixed-length string", where);
  }
  if (H5Dget_storage_size(dataset) != H5Tget_size(type)) {
    throw BadData("{}: claims {} bytes, {} are stored", where, H5Tget_size(type),
                  H5Dget_storage_size(dataset));
  }
  if (H5Tget_size(type) > kMostTextBytes) {
    throw BadData("{}: has {} bytes, at most {} are read", where, H5Tget_size(type),
                  kMostTextBytes);
  }
  std::string text(H5Tget_size(type), '\0');
  ReadInto(dataset, type, std::as_writable_bytes(std::span(text)), where);
  text.resize(std::min(text.size(), text.find('\0')));
  return text;
}

std::vector<std::string> Hdf5File::Datasets() const {
  const Hdf5Guard guard;
  return DatasetNames(id_, name_);
}

}  // namespace lockstep
