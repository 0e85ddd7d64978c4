#include "data/arrays/number_array.h"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "base/closest_name.h"
#include "base/error.h"
#include "base/hdf5_file.h"
#include "base/shell_word.h"
#include "data/arrays/array_reading.h"
#include "data/arrays/zip_file.h"

namespace lockstep {
namespace {

constexpr Index kPieceBytes = Index{1} << 20;
constexpr const char* kNpySuffix = ".npy";

template <typename T>
void Convert(std::span<const std::byte> bytes, bool swapped, double* values) {
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(T)) {
    std::array<std::byte, sizeof(T)> one;
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), sizeof(T), one.begin());
    if (swapped) std::reverse(one.begin(), one.end());
    *values++ = static_cast<double>(std::bit_cast<T>(one));
  }
}

void ConvertReals(std::span<const std::byte> bytes, const NumberType& type, double* values) {
  switch (type.bytes) {
    case 2:
      return Convert<Eigen::half>(bytes, type.swapped, values);
    case 4:
      return Convert<float>(bytes, type.swapped, values);
    default:
      return Convert<double>(bytes, type.swapped, values);
  }
}

void ConvertAll(std::span<const std::byte> bytes, const NumberType& type, double* values) {
  const bool is_signed = type.kind == 'i';
  if (type.kind == 'f') return ConvertReals(bytes, type, values);
  switch (type.bytes) {
    case 1:
      return is_signed ? Convert<std::int8_t>(bytes, false, values)
                       : Convert<std::uint8_t>(bytes, false, values);
    case 2:
      return is_signed ? Convert<std::int16_t>(bytes, type.swapped, values)
                       : Convert<std::uint16_t>(bytes, type.swapped, values);
    case 4:
      return is_signed ? Convert<std::int32_t>(bytes, type.swapped, values)
                       : Convert<std::uint32_t>(bytes, type.swapped, values);
    default:
      return is_signed ? Convert<std::int64_t>(bytes, type.swapped, values)
                       : Convert<std::uint64_t>(bytes, type.swapped, values);
  }
}

// Refuses a header whose values are not exactly the bytes that follow it.
void CheckSize(const NpyHeader& header, Index bytes, const std::string& name) {
  const Index count = CountOf(header.shape, header.type.bytes);
  const Index stored = bytes - header.values_at;
  if (count >= 0 && count * header.type.bytes == stored) return;
  throw BadData(
      "{}: the header claims the shape {} of {} bytes per value, but {} bytes of values are there; "
      "the file was cut short or damaged: copy or save it again",
      name, ShapeText(header.shape), header.type.bytes, stored);
}

NumberArray OpenNpy(const std::string& path) {
  RawFile file = RawFile::OpenForReading(path);
  const Index bytes = file.SizeBytes();
  std::vector<std::byte> start(static_cast<std::size_t>(std::min(bytes, kMostNpyHeaderBytes)));
  file.ReadAt(0, start);
  const NpyHeader header = ParseNpyHeader(start, path);
  CheckSize(header, bytes, path);
  return NumberArray(path, header.type, header.shape, std::move(file), header.values_at);
}

const ZipMember& FindMember(const ZipFile& zip, const std::string& path,
                            const std::string& member) {
  std::vector<std::string> names;
  const ZipMember* only = nullptr;
  for (const ZipMember& found : zip.members()) {
    if (found.name == member || found.name == member + kNpySuffix) {
      if (only != nullptr)
        throw BadData("{}: has the array \"{}\" twice; write the file again", path, member);
      only = &found;
    }
    const bool is_array = found.name.ends_with(kNpySuffix);
    names.push_back(is_array ? found.name.substr(0, found.name.size() - 4) : found.name);
  }
  if (only != nullptr) return *only;
  throw UsageError("{}: has no array \"{}\"; {}", path, member, SuggestNames(member, names));
}

NumberArray OpenNpz(const std::string& path, const std::string& member) {
  const std::string name = fmt::format("{}: {}", path, member);
  const ZipFile zip(path);
  const ZipMember& found = FindMember(zip, path, member);
  if (found.method != 0) {
    // The header is judged before memory is taken for what the directory claims.
    const NpyHeader header = ParseNpyHeader(zip.Start(found, kMostNpyHeaderBytes), name);
    CheckSize(header, found.bytes, name);
    return NumberArray(name, header.type, header.shape, zip.Read(found), header.values_at);
  }
  zip.CheckStored(found);
  const Index at = zip.PlaceOf(found);
  std::vector<std::byte> start(
      static_cast<std::size_t>(std::min(found.stored_bytes, kMostNpyHeaderBytes)));
  RawFile file = RawFile::OpenForReading(path);
  file.ReadAt(at, start);
  const NpyHeader header = ParseNpyHeader(start, name);
  CheckSize(header, found.stored_bytes, name);
  return NumberArray(name, header.type, header.shape, std::move(file), at + header.values_at);
}

NumberType TypeOf(ElementType type) {
  switch (type) {
    case ElementType::kFloat32:
    case ElementType::kFloat64:
      return {'f', ElementBytes(type), false};
    case ElementType::kUint8:
    case ElementType::kUint64:
      return {'u', ElementBytes(type), false};
    case ElementType::kInt32:
    case ElementType::kInt64:
      return {'i', ElementBytes(type), false};
  }
  LOCKSTEP_CHECK(false);
}

NumberArray OpenHdf5(const std::string& path, const std::string& member) {
  const Hdf5File file = Hdf5File::Open(path);
  if (!file.Has(member)) {
    std::string suggestion = "`h5ls -r` lists what it has, of which links are not followed";
    try {
      suggestion = SuggestNames(member, file.Datasets());
    } catch (const InputError&) {  // it has links, and its names are not listed
    }
    throw UsageError("{}: has no dataset \"{}\"; {}", path, member, suggestion);
  }
  try {
    const DatasetInfo info = file.Info(member);
    const Index count = CountOf(info.shape, ElementBytes(info.type));
    if (count < 0) throw BadData("{}: dataset \"{}\" has no such size", path, member);
    std::vector<std::byte> bytes(static_cast<std::size_t>(count * ElementBytes(info.type)));
    file.ReadRaw(member, info.type, bytes);
    return NumberArray(fmt::format("{}: {}", path, member), TypeOf(info.type), info.shape,
                       std::move(bytes), 0);
  } catch (const InputError& error) {
    throw BadData(
        "{}; write it again, neither chunked nor compressed (`h5repack -l CONTI -f NONE {} "
        "plain.h5`), as float32, float64, int32, int64, uint8 or uint64 in the byte order of this "
        "machine, or save it with numpy.savez",
        error.what(), ShellQuoted(path));
  }
}

}  // namespace

NumberArray::NumberArray(std::string name, NumberType type, std::vector<Index> shape, RawFile file,
                         Index values_at)
    : name_(std::move(name)),
      type_(type),
      shape_(std::move(shape)),
      file_(std::move(file)),
      values_at_(values_at) {}

NumberArray::NumberArray(std::string name, NumberType type, std::vector<Index> shape,
                         std::vector<std::byte> bytes, Index values_at)
    : name_(std::move(name)),
      type_(type),
      shape_(std::move(shape)),
      bytes_(std::move(bytes)),
      values_at_(values_at) {}

void NumberArray::Read(Index first, std::span<double> values) const {
  LOCKSTEP_CHECK(first >= 0 &&
                 first + static_cast<Index>(values.size()) <= CountOf(shape_, type_.bytes));
  const Index at = values_at_ + first * type_.bytes;
  const auto bytes = values.size() * static_cast<std::size_t>(type_.bytes);
  if (!file_) {
    return ConvertAll(std::span(bytes_).subspan(static_cast<std::size_t>(at), bytes), type_,
                      values.data());
  }
  std::vector<std::byte> piece;
  for (std::size_t done = 0; done < bytes; done += piece.size()) {
    piece.resize(std::min<std::size_t>(bytes - done, kPieceBytes));
    file_->ReadAt(at + static_cast<Index>(done), piece);
    ConvertAll(piece, type_, values.data() + done / static_cast<std::size_t>(type_.bytes));
  }
}

std::vector<double> NumberArray::ReadAll() const {
  std::vector<double> values(static_cast<std::size_t>(CountOf(shape_, type_.bytes)));
  Read(0, values);
  return values;
}

NumberArray OpenNumberArray(const std::string& path, const std::string& member) {
  if (member.empty()) return OpenNpy(path);
  return KindOfArrayFile(path) == ArrayFileKind::kHdf5 ? OpenHdf5(path, member)
                                                       : OpenNpz(path, member);
}

}  // namespace lockstep
