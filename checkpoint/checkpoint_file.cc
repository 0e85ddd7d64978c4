#include "checkpoint/checkpoint_file.h"

#include <algorithm>
#include <cstring>

#include "base/durable_file.h"
#include "base/hash.h"
#include "base/hdf5_file.h"
#include "base/raw_file.h"

namespace lockstep {
namespace {

// The layout of the header (docs/checkpoint_format.md). Magic, version and header hash have the
// same offsets in all versions, so that an old program can tell a newer file from a damaged one.
constexpr char kMagic[] = "LOCKSTEP";
constexpr Index kMagicBytes = 8;
constexpr Index kVersionAt = 8;       // uint32
constexpr Index kHeaderBytesAt = 12;  // uint32, 512
constexpr Index kBodyBytesAt = 16;    // uint64
constexpr Index kBodyHashAt = 24;     // 32 hexadecimal digits, XXH3-128
constexpr Index kBodyHashBytes = 32;
constexpr Index kTextAt = 56;         // a text for people; zeros after it
constexpr Index kHeaderHashAt = 504;  // uint64, XXH3-64 of bytes [0, 504)

constexpr char kStateName[] = "lockstep/state";
constexpr char kWhatNext[] = "use an older checkpoint or a good copy of this one";

using Bytes = std::span<const std::byte>;

// Integers are little-endian in the file on all machines.
void PutInteger(std::span<std::byte> header, Index at, Index bytes, std::uint64_t value) {
  for (Index i = 0; i < bytes; ++i) header[at + i] = static_cast<std::byte>(value >> (8 * i));
}
std::uint64_t GetInteger(Bytes header, Index at, Index bytes) {
  std::uint64_t value = 0;
  for (Index i = 0; i < bytes; ++i)
    value |= std::to_integer<std::uint64_t>(header[at + i]) << 8 * i;
  return value;
}

void PutText(std::span<std::byte> header, Index at, const std::string& text) {
  std::memcpy(header.data() + at, text.data(), text.size());
}
std::string GetText(Bytes header, Index at, Index bytes) {
  return {reinterpret_cast<const char*>(header.data()) + at, static_cast<std::size_t>(bytes)};
}

std::vector<std::byte> BuildHeader(Bytes body) {
  std::vector<std::byte> header(kCheckpointHeaderBytes);
  PutText(header, 0, kMagic);
  PutInteger(header, kVersionAt, 4, kCheckpointFormatVersion);
  PutInteger(header, kHeaderBytesAt, 4, kCheckpointHeaderBytes);
  PutInteger(header, kBodyBytesAt, 8, body.size());
  PutText(header, kBodyHashAt, Hash128Hex(body));
  PutText(header, kTextAt,
          fmt::format("\nLockstep checkpoint, format {}: {} bytes of header, then {} bytes of HDF5."
                      "\nOpen the whole file with h5py or h5dump.\n",
                      kCheckpointFormatVersion, kCheckpointHeaderBytes, body.size()));
  PutInteger(header, kHeaderHashAt, 8, Hash64(Bytes(header).first(kHeaderHashAt)));
  return header;
}

// `file` begins with the header, if it has one; `bytes` is the size of the whole file.
void CheckHeader(const std::string& path, Bytes file, Index bytes) {
  if (bytes < kCheckpointHeaderBytes) {
    throw BadData("cannot read checkpoint {}: it has {} bytes, its header alone has {}; {}", path,
                  bytes, kCheckpointHeaderBytes, kWhatNext);
  }
  if (GetText(file, 0, kMagicBytes) != kMagic) {
    throw BadData(
        "cannot read checkpoint {}: it does not begin with \"{}\": it is no lockstep checkpoint, "
        "or its beginning is damaged; {}",
        path, kMagic, kWhatNext);
  }
  const std::uint64_t stored = GetInteger(file, kHeaderHashAt, 8);
  const std::uint64_t found = Hash64(file.first(kHeaderHashAt));
  if (stored != found) {
    throw BadData(
        "cannot read checkpoint {}: damaged header: bytes 0 to {} have hash {:016x}, the header "
        "says {:016x}; {}",
        path, kHeaderHashAt - 1, found, stored, kWhatNext);
  }
}

void CheckVersion(const std::string& path, Bytes file) {
  const std::uint64_t version = GetInteger(file, kVersionAt, 4);
  if (version == kCheckpointFormatVersion) return;
  throw NewerFormatError(
      ExitCode::kBadData,
      fmt::format(
          "cannot read checkpoint {}: format version {}, this program reads {}; use a newer "
          "lockstep",
          path, version, kCheckpointFormatVersion));
}

void CheckLength(const std::string& path, Bytes file, Index bytes) {
  const auto found = static_cast<std::uint64_t>(bytes - kCheckpointHeaderBytes);
  const std::uint64_t expected = GetInteger(file, kBodyBytesAt, 8);
  if (found == expected) return;
  throw BadData("cannot read checkpoint {}: {}: {} bytes follow the header, which says {}; {}",
                path, found < expected ? "its end is missing" : "something was added to its end",
                found, expected, kWhatNext);
}

void CheckBody(const std::string& path, Bytes file) {
  const Bytes body = file.subspan(kCheckpointHeaderBytes);
  const std::string stored = GetText(file, kBodyHashAt, kBodyHashBytes);
  const std::string found = Hash128Hex(body);
  if (stored != found) {
    throw BadData(
        "cannot read checkpoint {}: damaged: the {} bytes from offset {} have hash {}, the header "
        "says {}; {}",
        path, body.size(), kCheckpointHeaderBytes, found, stored, kWhatNext);
  }
}

// Checks header, version and length before any memory is taken for the rest: a file of any size can
// have the name of a checkpoint.
void CheckStart(const std::string& path) {
  const RawFile file = RawFile::OpenForReading(path);
  const Index bytes = file.SizeBytes();
  std::vector<std::byte> header(static_cast<std::size_t>(std::min(bytes, kCheckpointHeaderBytes)));
  file.ReadAt(0, header);
  CheckHeader(path, header, bytes);
  CheckVersion(path, header);
  CheckLength(path, header, bytes);
}

// Reads the bytes of a file; throws unless they pass every check.
std::vector<std::byte> ReadChecked(const std::string& path) {
  CheckStart(path);
  std::vector<std::byte> file = ReadBytes(path);
  const Index bytes = std::ssize(file);
  CheckHeader(path, file, bytes);  // once more, as the file may have been replaced meanwhile
  CheckVersion(path, file);
  CheckLength(path, file, bytes);
  CheckBody(path, file);
  return file;
}

StoredArray ReadArray(const Hdf5File& image, const std::string& name) {
  DatasetInfo info = image.Info(name);
  StoredArray array{info.type, std::move(info.shape), {}};
  array.values.resize(static_cast<std::size_t>(DatasetInfo{array.type, array.shape}.count() *
                                               ElementBytes(array.type)));
  image.ReadRaw(name, array.type, array.values);
  return array;
}

// An estimate of the size of the image, so that its memory is taken at once: when an image grows,
// it is copied, and both copies are in memory. What is estimated too high is memory, too.
Index ExpectedBytes(const std::string& state, std::span<const ArrayView> arrays) {
  constexpr Index kHeaderBytes = 1536;  // for the headers of an array and of the groups it is in
  Index bytes = kHeaderBytes + static_cast<Index>(state.size());
  for (const ArrayView& array : arrays) {
    const DatasetInfo info{array.type, array.shape};
    bytes += kHeaderBytes + info.count() * ElementBytes(array.type);
  }
  return bytes;
}

}  // namespace

CheckpointImage BuildCheckpoint(const std::string& state, std::span<const ArrayView> arrays) {
  std::vector<ArrayView> sorted(arrays.begin(), arrays.end());
  std::ranges::sort(sorted, {}, &ArrayView::name);
  Hdf5File image = Hdf5File::CreateInMemory(ExpectedBytes(state, arrays));
  image.WriteText(kStateName, state);
  for (const ArrayView& array : sorted) {
    LOCKSTEP_CHECK(!array.name.starts_with("lockstep/"));
    image.WriteRaw(array.name, array.type, array.shape, array.values);
  }
  CheckpointImage result;
  result.body = image.Image();
  result.header = BuildHeader(result.body);
  return result;
}

void WriteCheckpoint(const std::string& path, const CheckpointImage& image) {
  WriteCheckpoint(path, image, [] {});
}

void WriteCheckpoint(const std::string& path, const CheckpointImage& image,
                     FunctionRef<void()> before_commit) {
  const Bytes pieces[] = {image.header, image.body};
  WriteDurably(path, pieces, before_commit);
}

void ReplaceCheckpoint(const std::string& path, const CheckpointImage& image,
                       FunctionRef<void()> before_commit) {
  const Bytes pieces[] = {image.header, image.body};
  ReplaceDurably(path, pieces, before_commit);
}

CheckpointContent ReadCheckpoint(const std::string& path) {
  const std::vector<std::byte> file = ReadChecked(path);
  const Hdf5File image = Hdf5File::OpenImage(file, path);
  CheckpointContent content;
  content.state = image.ReadText(kStateName);
  for (const std::string& name : image.Datasets()) {
    if (name != kStateName) content.arrays.emplace(name, ReadArray(image, name));
  }
  return content;
}

std::string VerifyCheckpoint(const std::string& path) {
  const std::vector<std::byte> file = ReadChecked(path);
  return Hdf5File::OpenImage(file, path).ReadText(kStateName);
}

}  // namespace lockstep
