#include "base/hdf5_file.h"

#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "base/error.h"

namespace lockstep {
namespace {

std::recursive_mutex& Lock() {
  static std::recursive_mutex mutex;
  return mutex;
}
using Guard = std::lock_guard<std::recursive_mutex>;

// The innermost line of HDF5's error stack, which names the cause.
std::string LibraryText() {
  std::string text;
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned n, const H5E_error2_t* error, void* out) -> herr_t {
        if (n == 0) *static_cast<std::string*>(out) = error->desc;
        return 0;
      },
      &text);
  H5Eclear2(H5E_DEFAULT);
  return text.empty() ? "no reason given" : text;
}

// Once a process: keep HDF5 from printing, and from loading filter plugins that a file asks for.
void InitialiseLibrary() {
  static const bool done = [] {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    H5PLset_loading_state(0);
    return true;
  }();
  (void)done;
}

// Owns one HDF5 id of any kind.
class Id {
 public:
  Id(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Id() {
    if (id_ >= 0) close_(id_);
  }
  Id(Id&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Id(const Id&) = delete;
  Id& operator=(const Id&) = delete;
  operator hid_t() const { return id_; }
  hid_t Release() { return std::exchange(id_, -1); }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

hid_t WriteChecked(hid_t result, const std::string& what) {
  if (result < 0) throw IoError(fmt::format("cannot {}: HDF5 says: {}", what, LibraryText()));
  return result;
}
hid_t ReadChecked(hid_t result, const std::string& what) {
  if (result < 0) throw BadData("cannot {}: HDF5 says: {}", what, LibraryText());
  return result;
}

hid_t NativeType(ElementType type) {
  switch (type) {
    case ElementType::kUint8:
      return H5T_NATIVE_UINT8;
    case ElementType::kInt32:
      return H5T_NATIVE_INT32;
    case ElementType::kInt64:
      return H5T_NATIVE_INT64;
    case ElementType::kUint64:
      return H5T_NATIVE_UINT64;
    case ElementType::kFloat32:
      return H5T_NATIVE_FLOAT;
    case ElementType::kFloat64:
      return H5T_NATIVE_DOUBLE;
  }
  LOCKSTEP_CHECK(false);
}

constexpr ElementType kAllTypes[] = {ElementType::kUint8,   ElementType::kInt32,
                                     ElementType::kInt64,   ElementType::kUint64,
                                     ElementType::kFloat32, ElementType::kFloat64};

ElementType TypeOf(hid_t dataset, const std::string& where) {
  const Id stored(ReadChecked(H5Dget_type(dataset), "read the type of " + where), H5Tclose);
  for (ElementType type : kAllTypes) {
    if (H5Tequal(stored, NativeType(type)) > 0) return type;
  }
  throw BadData("{}: has an element type that is not read here", where);
}

// Every link on the way must be a hard one: soft and external links can point to other files.
void CheckHardLinks(hid_t file, const std::string& name, const std::string& where) {
  for (std::size_t end = name.find('/', 1);; end = name.find('/', end + 1)) {
    const std::string part = name.substr(0, end);
    H5L_info_t info;
    if (H5Lexists(file, part.c_str(), H5P_DEFAULT) <= 0 ||
        H5Lget_info(file, part.c_str(), &info, H5P_DEFAULT) < 0) {
      LibraryText();
      throw BadData("{}: no such dataset", where);
    }
    if (info.type != H5L_TYPE_HARD) {
      throw BadData("{}: is a soft or external link, which is never followed", where);
    }
    if (end == std::string::npos) return;
  }
}

void CheckStoredInFile(hid_t dataset, const std::string& where) {
  const Id plist(ReadChecked(H5Dget_create_plist(dataset), "read " + where), H5Pclose);
  const H5D_layout_t layout = H5Pget_layout(plist);
  const bool plain = (layout == H5D_CONTIGUOUS || layout == H5D_COMPACT) &&
                     H5Pget_external_count(plist) == 0 && H5Pget_nfilters(plist) == 0;
  if (!plain) throw BadData("{}: only contiguous datasets without filters are read", where);
  // The stored size is a claim as well, until it is seen to lie inside the file.
  const Id file(ReadChecked(H5Iget_file_id(dataset), "find the file of " + where), H5Fclose);
  hsize_t file_bytes = 0;
  ReadChecked(H5Fget_filesize(file, &file_bytes), "measure the file of " + where);
  const hsize_t stored = H5Dget_storage_size(dataset);
  const haddr_t offset = layout == H5D_COMPACT || stored == 0 ? 0 : H5Dget_offset(dataset);
  if (offset > file_bytes || stored > file_bytes - offset) {
    throw BadData("{}: claims {} bytes from offset {}, the file has {}", where, stored, offset,
                  file_bytes);
  }
}

std::vector<Index> ShapeOf(hid_t dataset, const std::string& where) {
  const Id space(ReadChecked(H5Dget_space(dataset), "read the shape of " + where), H5Sclose);
  std::vector<hsize_t> dims(std::max(0, H5Sget_simple_extent_ndims(space)));
  if (!dims.empty()) H5Sget_simple_extent_dims(space, dims.data(), nullptr);
  return {dims.begin(), dims.end()};
}

// The product of a shape read from a file, or -1 when it does not fit.
Index CheckedCount(const std::vector<Index>& shape) {
  Index count = 1;
  for (Index extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(count, extent, &count)) return -1;
  }
  return count;
}

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

std::string Where(const std::string& file, const std::string& name) {
  return fmt::format("{}: dataset \"{}\"", file, name);
}

// A dataset of the file itself, without anything that could make reading it do more than read it.
Id OpenPlain(hid_t file, const std::string& name, const std::string& where) {
  CheckHardLinks(file, name, where);
  Id dataset(ReadChecked(H5Dopen2(file, name.c_str(), H5P_DEFAULT), "open " + where), H5Dclose);
  CheckStoredInFile(dataset, where);
  return dataset;
}

DatasetInfo InfoOf(hid_t dataset, const std::string& where) {
  DatasetInfo info{TypeOf(dataset, where), ShapeOf(dataset, where)};
  const Index count = info.count(), element = ElementBytes(info.type);
  const Index stored = static_cast<Index>(H5Dget_storage_size(dataset));
  if (count < 0 || (count > 0 && (stored % element != 0 || stored / element != count))) {
    throw BadData("{}: claims {} elements, {} are stored", where, count, stored / element);
  }
  return info;
}

// The one place where HDF5 fills memory. The library writes as many elements as the shape claims,
// whatever room there is, and its own checks do not compare that with what is stored; so it is
// compared here with the memory that is given. `type` is the type of an element in memory.
void ReadInto(hid_t dataset, hid_t type, std::span<std::byte> memory, const std::string& where) {
  const Index count = CheckedCount(ShapeOf(dataset, where));
  const Index element = static_cast<Index>(H5Tget_size(type));
  Index bytes = 0;
  if (count < 0 || __builtin_mul_overflow(count, element, &bytes) ||
      bytes != static_cast<Index>(memory.size())) {
    throw BadData(
        "{}: claims {} elements of {} bytes, but there must be {} bytes in all: the file is "
        "damaged or forged; use a good copy",
        where, count, element, memory.size());
  }
  if (bytes == 0) return;
  ReadChecked(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, memory.data()),
              "read " + where);
}

}  // namespace

Index ElementBytes(ElementType type) {
  switch (type) {
    case ElementType::kUint8:
      return 1;
    case ElementType::kInt32:
    case ElementType::kFloat32:
      return 4;
    case ElementType::kInt64:
    case ElementType::kUint64:
    case ElementType::kFloat64:
      return 8;
  }
  LOCKSTEP_CHECK(false);
}

std::string ElementName(ElementType type) {
  switch (type) {
    case ElementType::kUint8:
      return "uint8";
    case ElementType::kInt32:
      return "int32";
    case ElementType::kInt64:
      return "int64";
    case ElementType::kUint64:
      return "uint64";
    case ElementType::kFloat32:
      return "float32";
    case ElementType::kFloat64:
      return "float64";
  }
  LOCKSTEP_CHECK(false);
}

ElementType ElementTypeFromName(const std::string& name) {
  for (ElementType type : kAllTypes) {
    if (ElementName(type) == name) return type;
  }
  throw BadData("unknown element type \"{}\"", name);
}

Index DatasetInfo::count() const { return CheckedCount(shape); }

Hdf5File Hdf5File::Create(const std::string& path) {
  const Guard guard(Lock());
  InitialiseLibrary();
  const Id access(AccessWithoutLocks(), H5Pclose);
  const hid_t id = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
  if (id < 0) {
    throw IoError(fmt::format("cannot create {}: HDF5 says: {}", path, LibraryText()),
                  ExitCode::kCannotCreate);
  }
  return Hdf5File(id, path);
}

Hdf5File Hdf5File::CreateInMemory(Index expected_bytes) {
  const Guard guard(Lock());
  InitialiseLibrary();
  const Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  constexpr Index kLeastBytes = Index{1} << 16;
  H5Pset_fapl_core(access, static_cast<std::size_t>(std::max(expected_bytes, kLeastBytes)), false);
  const hid_t id = H5Fcreate(ImageName().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
  return Hdf5File(WriteChecked(id, "make an HDF5 image in memory"), "image");
}

Hdf5File Hdf5File::Open(const std::string& path) {
  const Guard guard(Lock());
  InitialiseLibrary();
  if (::access(path.c_str(), R_OK) != 0)
    throw MissingInput("cannot open {}: {}", path, ErrnoText());
  const Id access(AccessWithoutLocks(), H5Pclose);
  return Hdf5File(ReadChecked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), "open " + path), path);
}

Hdf5File Hdf5File::OpenImage(std::span<const std::byte> image, const std::string& name) {
  const Guard guard(Lock());
  InitialiseLibrary();
  if (image.empty()) throw BadData("cannot open the HDF5 image in {}: it is empty", name);
  const Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
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
  const Guard guard(Lock());
  if (id_ >= 0) H5Fclose(id_);
}

void Hdf5File::Close() {
  const Guard guard(Lock());
  WriteChecked(H5Fclose(std::exchange(id_, -1)), "close " + name_);
}

std::vector<std::byte> Hdf5File::Image() {
  const Guard guard(Lock());
  WriteChecked(H5Fflush(id_, H5F_SCOPE_GLOBAL), "flush " + name_);
  const ssize_t bytes = H5Fget_file_image(id_, nullptr, 0);
  WriteChecked(bytes, "measure " + name_);
  std::vector<std::byte> image(static_cast<std::size_t>(bytes));
  WriteChecked(H5Fget_file_image(id_, image.data(), image.size()), "copy " + name_);
  return image;
}

void Hdf5File::WriteRaw(const std::string& name, ElementType type, const std::vector<Index>& shape,
                        const void* values) {
  const Guard guard(Lock());
  const std::string what = fmt::format("write dataset \"{}\" of {}", name, name_);
  const std::vector<hsize_t> dims(shape.begin(), shape.end());
  const Id space(dims.empty()
                     ? H5Screate(H5S_SCALAR)
                     : H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr),
                 H5Sclose);
  WriteChecked(space, what);
  const Id links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  const Id plist(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(plist, false);
  const Id dataset(
      H5Dcreate2(id_, name.c_str(), NativeType(type), space, links, plist, H5P_DEFAULT), H5Dclose);
  WriteChecked(dataset, what);
  if (CheckedCount(shape) == 0) return;
  WriteChecked(H5Dwrite(dataset, NativeType(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, values), what);
}

void Hdf5File::WriteText(const std::string& name, const std::string& text) {
  const Guard guard(Lock());
  const std::string what = fmt::format("write text \"{}\" of {}", name, name_);
  const Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, std::max<std::size_t>(1, text.size()));
  H5Tset_cset(type, H5T_CSET_UTF8);
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  const Id space(H5Screate(H5S_SCALAR), H5Sclose);
  const Id links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  const Id plist(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(plist, false);
  const Id dataset(H5Dcreate2(id_, name.c_str(), type, space, links, plist, H5P_DEFAULT), H5Dclose);
  WriteChecked(dataset, what);
  WriteChecked(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text.c_str()), what);
}

bool Hdf5File::Has(const std::string& name) const {
  const Guard guard(Lock());
  const bool found = H5Lexists(id_, name.c_str(), H5P_DEFAULT) > 0;
  H5Eclear2(H5E_DEFAULT);
  return found;
}

DatasetInfo Hdf5File::Info(const std::string& name) const {
  const Guard guard(Lock());
  const std::string where = Where(name_, name);
  return InfoOf(OpenPlain(id_, name, where), where);
}

void Hdf5File::ReadRaw(const std::string& name, ElementType type,
                       std::span<std::byte> values) const {
  const Guard guard(Lock());
  const std::string where = Where(name_, name);
  const Id dataset = OpenPlain(id_, name, where);
  const DatasetInfo info = InfoOf(dataset, where);
  if (info.type != type) {
    throw BadData("{} holds {}, expected {}", where, ElementName(info.type), ElementName(type));
  }
  ReadInto(dataset, NativeType(type), values, where);
}

std::string Hdf5File::ReadText(const std::string& name) const {
  const Guard guard(Lock());
  const std::string where = fmt::format("{}: text \"{}\"", name_, name);
  const Id dataset = OpenPlain(id_, name, where);
  const Id type(ReadChecked(H5Dget_type(dataset), "read " + where), H5Tclose);
  if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) > 0) {
    throw BadData("{}: is no fixed-length string", where);
  }
  if (H5Dget_storage_size(dataset) != H5Tget_size(type)) {
    throw BadData("{}: claims {} bytes, {} are stored", where, H5Tget_size(type),
                  H5Dget_storage_size(dataset));
  }
  std::string text(H5Tget_size(type), '\0');
  ReadInto(dataset, type, std::as_writable_bytes(std::span(text)), where);
  text.resize(std::min(text.size(), text.find('\0')));
  return text;
}

std::vector<std::string> Hdf5File::Datasets() const {
  const Guard guard(Lock());
  std::vector<std::string> names;
  const auto visit = [](hid_t, const char* name, const H5O_info_t* info, void* out) -> herr_t {
    if (info->type == H5O_TYPE_DATASET)
      static_cast<std::vector<std::string>*>(out)->push_back(name);
    return 0;
  };
  ReadChecked(H5Ovisit2(id_, H5_INDEX_NAME, H5_ITER_INC, visit, &names, H5O_INFO_BASIC),
              "list " + name_);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace lockstep
