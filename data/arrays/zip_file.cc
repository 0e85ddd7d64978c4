#include "data/arrays/zip_file.h"

#include <zlib.h>

#include <algorithm>
#include <new>
#include <string_view>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr Index kEndBytes = 22, kLocatorBytes = 20, kWideEndBytes = 56, kEntryBytes = 46,
                kLocalBytes = 30, kMostComment = 65535;
constexpr Index kMostDirectoryBytes = Index{1} << 24;
constexpr Index kWide16 = 0xFFFF, kWide32 = 0xFFFFFFFF;  // the number is in a 64-bit field
// The best that deflate can do: 258 bytes for two bits.
constexpr Index kMostInflation = 1032;
constexpr Index kPieceBytes = Index{1} << 20;

// A number of the file, lowest byte first; `at` must be within.
Index NumberAt(std::string_view bytes, Index at, Index width) {
  std::uint64_t value = 0;
  for (Index i = width; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(at + i)]);
  }
  return static_cast<Index>(value);
}

// Replaces the numbers of a directory entry that do not fit into 32 bits by those of its 64-bit
// field, which has them in this order. False where the field is too short.
bool ReadWideField(std::string_view extra, ZipMember* member) {
  for (Index at = 0; at + 4 <= static_cast<Index>(extra.size());) {
    const Index id = NumberAt(extra, at, 2), length = NumberAt(extra, at + 2, 2);
    at += 4;
    if (at + length > static_cast<Index>(extra.size())) return false;
    const Index end = at + length;
    if (id == 1) {
      for (Index* number : {&member->bytes, &member->stored_bytes, &member->header_at}) {
        if (*number != kWide32) continue;
        if (at + 8 > end) return false;
        *number = NumberAt(extra, at, 8);
        at += 8;
      }
    }
    at = end;
  }
  return true;
}

}  // namespace

ZipFile::ZipFile(const std::string& path)
    : file_(RawFile::OpenForReading(path)), file_bytes_(file_.SizeBytes()) {
  ReadDirectory();
}

void ZipFile::Fail(const std::string& what) const {
  throw BadData("{}: {}; the file is damaged or no .npz file: write it again with numpy.savez",
                file_.path(), what);
}

std::string ZipFile::ReadText(Index offset, Index bytes) const {
  if (offset < 0 || bytes < 0 || offset > file_bytes_ || bytes > file_bytes_ - offset) {
    Fail(
        fmt::format("claims {} bytes from offset {}, the file has {}", bytes, offset, file_bytes_));
  }
  std::string text(static_cast<std::size_t>(bytes), '\0');
  file_.ReadAt(offset, std::as_writable_bytes(std::span(text)));
  return text;
}

// The record at the end says where the directory is; one before it, where a number needs 64 bits.
void ZipFile::ReadDirectory() {
  const Index tail_bytes = std::min(file_bytes_, kEndBytes + kMostComment);
  const Index tail_at = file_bytes_ - tail_bytes;
  const std::string tail = ReadText(tail_at, tail_bytes);
  const std::size_t found = tail.rfind("PK\x05\x06");
  if (found == tail.npos || tail.size() - found < static_cast<std::size_t>(kEndBytes)) {
    Fail("has no directory of a ZIP file at its end");
  }
  const std::string_view end = std::string_view(tail).substr(found);
  Index count = NumberAt(end, 10, 2), bytes = NumberAt(end, 12, 4), at = NumberAt(end, 16, 4);
  const Index end_at = tail_at + static_cast<Index>(found);
  if (count == kWide16 || bytes == kWide32 || at == kWide32) {
    const std::string locator = ReadText(end_at - kLocatorBytes, kLocatorBytes);
    if (!locator.starts_with("PK\x06\x07")) Fail("has no 64-bit directory where one must be");
    const std::string wide = ReadText(NumberAt(locator, 8, 8), kWideEndBytes);
    if (!wide.starts_with("PK\x06\x06")) Fail("has no 64-bit directory where one must be");
    count = NumberAt(wide, 32, 8);
    bytes = NumberAt(wide, 40, 8);
    at = NumberAt(wide, 48, 8);
  }
  if (bytes > kMostDirectoryBytes) Fail(fmt::format("has a directory of {} bytes", bytes));
  const std::string directory = ReadText(at, bytes);
  std::string_view rest = directory;
  for (Index i = 0; i < count; ++i) members_.push_back(TakeMember(&rest));
}

ZipMember ZipFile::TakeMember(std::string_view* directory) const {
  const std::string_view entry = *directory;
  if (static_cast<Index>(entry.size()) < kEntryBytes || !entry.starts_with("PK\x01\x02")) {
    Fail("has a directory that ends early");
  }
  ZipMember member;
  const Index flags = NumberAt(entry, 8, 2);
  member.method = static_cast<int>(NumberAt(entry, 10, 2));
  member.checksum = static_cast<std::uint32_t>(NumberAt(entry, 16, 4));
  member.stored_bytes = NumberAt(entry, 20, 4);
  member.bytes = NumberAt(entry, 24, 4);
  member.header_at = NumberAt(entry, 42, 4);
  const auto name = static_cast<std::size_t>(NumberAt(entry, 28, 2));
  const auto extra = static_cast<std::size_t>(NumberAt(entry, 30, 2));
  const auto comment = static_cast<std::size_t>(NumberAt(entry, 32, 2));
  const auto fixed = static_cast<std::size_t>(kEntryBytes);
  if (entry.size() < fixed + name + extra + comment) Fail("has a directory that ends early");
  member.name = entry.substr(fixed, name);
  if (!ReadWideField(entry.substr(fixed + name, extra), &member)) {
    Fail("has a damaged 64-bit field in its directory");
  }
  if ((flags & 1) != 0) Fail(fmt::format("has the encrypted member \"{}\"", member.name));
  directory->remove_prefix(fixed + name + extra + comment);
  return member;
}

Index ZipFile::PlaceOf(const ZipMember& member) const {
  const std::string header = ReadText(member.header_at, kLocalBytes);
  if (!header.starts_with("PK\x03\x04")) {
    Fail(fmt::format("has no member \"{}\" at offset {}", member.name, member.header_at));
  }
  const Index at =
      member.header_at + kLocalBytes + NumberAt(header, 26, 2) + NumberAt(header, 28, 2);
  if (member.stored_bytes < 0 || at > file_bytes_ || member.stored_bytes > file_bytes_ - at) {
    Fail(fmt::format("claims {} bytes of the member \"{}\" from offset {}, the file has {}",
                     member.stored_bytes, member.name, at, file_bytes_));
  }
  return at;
}

void ZipFile::CheckStored(const ZipMember& member) const {
  const Index at = PlaceOf(member);
  std::vector<std::byte> piece(
      static_cast<std::size_t>(std::min(kPieceBytes, member.stored_bytes)));
  uLong checksum = crc32_z(0, nullptr, 0);
  for (Index done = 0; done < member.stored_bytes;) {
    const Index some = std::min(kPieceBytes, member.stored_bytes - done);
    const auto bytes = std::span(piece).first(static_cast<std::size_t>(some));
    file_.ReadAt(at + done, bytes);
    checksum = crc32_z(checksum, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    done += some;
  }
  if (checksum == member.checksum) return;
  Fail(fmt::format("the member \"{}\" has another checksum than the directory says", member.name));
}

Index ZipFile::CheckClaims(const ZipMember& member) const {
  const Index at = PlaceOf(member);
  const auto fail = [&](const std::string& what) {
    Fail(fmt::format("the member \"{}\" {}", member.name, what));
  };
  if (member.method != 0 && member.method != 8) {
    fail(fmt::format("is packed by method {}; allowed are stored and deflated", member.method));
  }
  // Memory is taken only for what the stored bytes can be.
  const Index factor = member.method == 0 ? 1 : kMostInflation;
  if (member.bytes < 0 || member.bytes / factor > member.stored_bytes) {
    fail(fmt::format("claims to unpack {} bytes to {}", member.stored_bytes, member.bytes));
  }
  if (member.method == 0 && member.bytes != member.stored_bytes) fail("has two sizes");
  return at;
}

std::vector<std::byte> ZipFile::Start(const ZipMember& member, Index most) const {
  const Index at = CheckClaims(member);
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min(member.bytes, most)));
  bool ended = false;
  if (member.method == 0) {
    file_.ReadAt(at, bytes);
  } else if (!Inflate(at, member.stored_bytes, bytes, &ended)) {
    Fail(fmt::format("the member \"{}\" does not unpack to its {} bytes", member.name,
                     member.bytes));
  }
  return bytes;
}

std::vector<std::byte> ZipFile::Read(const ZipMember& member) const {
  const Index at = CheckClaims(member);
  const auto fail = [&](const std::string& what) {
    Fail(fmt::format("the member \"{}\" {}", member.name, what));
  };
  std::vector<std::byte> bytes(static_cast<std::size_t>(member.bytes));
  bool ended = false;
  if (member.method == 0) {
    file_.ReadAt(at, bytes);
  } else if (!Inflate(at, member.stored_bytes, bytes, &ended) || !ended) {
    fail(fmt::format("does not unpack to its {} bytes", member.bytes));
  }
  const uLong checksum = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  if (checksum != member.checksum) fail("has another checksum than the directory says");
  return bytes;
}

bool ZipFile::Inflate(Index at, Index stored_bytes, std::span<std::byte> bytes, bool* ended) const {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  std::vector<std::byte> piece(static_cast<std::size_t>(kPieceBytes));
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  Index unread = stored_bytes, room = static_cast<Index>(bytes.size());
  int state = Z_OK;
  // Z_BUF_ERROR, where there is more to unpack than room, ends it, too.
  while (state == Z_OK && (stream.avail_in > 0 || unread > 0)) {
    if (stream.avail_in == 0) {
      const Index some = std::min(kPieceBytes, unread);
      file_.ReadAt(at + stored_bytes - unread,
                   std::span(piece).first(static_cast<std::size_t>(some)));
      unread -= some;
      stream.next_in = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_in = static_cast<uInt>(some);
    }
    const Index given = std::min(kPieceBytes, room);
    stream.avail_out = static_cast<uInt>(given);
    state = inflate(&stream, Z_NO_FLUSH);
    room -= given - static_cast<Index>(stream.avail_out);
  }
  inflateEnd(&stream);
  *ended = state == Z_STREAM_END;
  return room == 0;
}

}  // namespace lockstep
