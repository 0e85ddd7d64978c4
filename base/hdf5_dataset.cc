#include "base/hdf5_dataset.h"

#include <algorithm>
#include <optional>

#include "base/error.h"

namespace lockstep {
namespace {

ElementType TypeOf(hid_t dataset, const std::string& where) {
  const Hdf5Id stored(ReadChecked(H5Dget_type(dataset), "read the type of " + where), H5Tclose);
  for (ElementType type : kAllElementTypes) {
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
      Hdf5Text();
      throw BadData("{}: no such dataset", where);
    }
    if (info.type != H5L_TYPE_HARD) {
      throw BadData("{}: is a soft or external link, which is never followed", where);
    }
    if (end == std::string::npos) return;
  }
}

void CheckStoredInFile(hid_t dataset, const std::string& where) {
  const Hdf5Id plist(ReadChecked(H5Dget_create_plist(dataset), "read " + where), H5Pclose);
  const H5D_layout_t layout = H5Pget_layout(plist);
  const bool plain = (layout == H5D_CONTIGUOUS || layout == H5D_COMPACT) &&
                     H5Pget_external_count(plist) == 0 && H5Pget_nfilters(plist) == 0;
  if (!plain) throw BadData("{}: only contiguous datasets without filters are read", where);
  // The stored size is a claim as well, until it is seen to lie inside the file.
  const Hdf5Id file(ReadChecked(H5Iget_file_id(dataset), "find the file of " + where), H5Fclose);
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
  const Hdf5Id space(ReadChecked(H5Dget_space(dataset), "read the shape of " + where), H5Sclose);
  std::vector<hsize_t> dims(std::max(0, H5Sget_simple_extent_ndims(space)));
  if (!dims.empty()) H5Sget_simple_extent_dims(space, dims.data(), nullptr);
  return {dims.begin(), dims.end()};
}

constexpr Index kMostObjects = Index{1} << 15;
constexpr Index kMostDepth = 16;

// Walks through the groups of a file that may be forged.
class Listing {
 public:
  explicit Listing(const std::string& where) : where_(where) {}

  // Adds the datasets of an open group, whose full name is `prefix` without its last '/'.
  void AddGroup(hid_t group, const std::string& prefix, Index depth) {
    for (const std::string& link : LinksOf(group, depth)) {
      const std::string name = prefix + link;
      switch (KindOf(group, link, name)) {
        case H5O_TYPE_DATASET:
          names_.push_back(name);
          break;
        case H5O_TYPE_GROUP: {
          const Hdf5Id child(
              ReadChecked(H5Gopen2(group, link.c_str(), H5P_DEFAULT), "list " + name), H5Gclose);
          AddGroup(child, name + "/", depth + 1);
          break;
        }
        default:
          throw BadData("{}: \"{}\" is neither a group nor a dataset: the file is forged", where_,
                        name);
      }
    }
  }

  std::vector<std::string> Sorted() {
    std::sort(names_.begin(), names_.end());
    return std::move(names_);
  }

 private:
  // The names of the links of a group, all of which are hard ones. Their number is a claim of the
  // file, so it is counted once more while they are visited.
  std::vector<std::string> LinksOf(hid_t group, Index depth) {
    if (depth > kMostDepth) {
      throw BadData("{}: has groups in more than {} levels: the file is forged", where_,
                    kMostDepth);
    }
    H5G_info_t info;
    ReadChecked(H5Gget_info(group, &info), "list " + where_);
    if (info.nlinks > static_cast<hsize_t>(kMostObjects - objects_)) RefuseNumber();
    Links found{{}, kMostObjects - objects_};
    const herr_t result =
        H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, KeepLink, &found);
    if (found.soft) RefuseLink(*found.soft);
    if (result > 0) RefuseNumber();
    ReadChecked(result, "list " + where_);
    objects_ += std::ssize(found.names);
    return std::move(found.names);
  }

  struct Links {
    std::vector<std::string> names;
    Index most;
    std::optional<std::string> soft = {};
  };
  static herr_t KeepLink(hid_t, const char* name, const H5L_info_t* info, void* out) {
    auto* const links = static_cast<Links*>(out);
    if (info->type != H5L_TYPE_HARD) links->soft = name;
    if (info->type != H5L_TYPE_HARD || std::ssize(links->names) >= links->most) return 1;
    links->names.emplace_back(name);
    return 0;
  }

  H5O_type_t KindOf(hid_t group, const std::string& link, const std::string& name) const {
    H5O_info_t info;
    ReadChecked(H5Oget_info_by_name2(group, link.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT),
                fmt::format("look at \"{}\" of {}", name, where_));
    return info.type;
  }

  [[noreturn]] void RefuseNumber() const {
    throw BadData("{}: has more than {} groups and datasets: the file is forged", where_,
                  kMostObjects);
  }
  [[noreturn]] void RefuseLink(const std::string& name) const {
    throw BadData("{}: \"{}\" is a soft or external link, which is never followed", where_, name);
  }

  const std::string& where_;
  std::vector<std::string> names_;
  Index objects_ = 0;
};

}  // namespace

std::vector<std::string> DatasetNames(hid_t file, const std::string& where) {
  const Hdf5Id root(ReadChecked(H5Gopen2(file, "/", H5P_DEFAULT), "list " + where), H5Gclose);
  Listing listing(where);
  listing.AddGroup(root, "", 1);
  return listing.Sorted();
}

Index CheckedCount(const std::vector<Index>& shape) {
  Index count = 1;
  for (Index extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(count, extent, &count)) return -1;
  }
  return count;
}

Hdf5Id OpenPlain(hid_t file, const std::string& name, const std::string& where) {
  CheckHardLinks(file, name, where);
  Hdf5Id dataset(ReadChecked(H5Dopen2(file, name.c_str(), H5P_DEFAULT), "open " + where), H5Dclose);
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

// The library writes as many elements as the shape claims, whatever room there is, and its own
// checks do not compare that with what is stored; so it is compared here with the memory that is
// given.
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

}  // namespace lockstep
