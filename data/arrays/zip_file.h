// Members of a ZIP file, as numpy.savez writes them (stored) and numpy.savez_compressed (deflated);
// with 64-bit sizes, without encryption. Nothing in the file is trusted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/raw_file.h"

namespace lockstep {

struct ZipMember {
  std::string name;
  int method = 0;              // 0: stored, 8: deflated
  Index stored_bytes = 0;      // in the file
  Index bytes = 0;             // when unpacked
  Index header_at = 0;         // offset of its local header
  std::uint32_t checksum = 0;  // CRC-32 of the unpacked bytes
};

class ZipFile {
 public:
  // BadData when it is no ZIP file, or its directory is damaged.
  explicit ZipFile(const std::string& path);

  const std::vector<ZipMember>& members() const { return members_; }
  const RawFile& file() const { return file_; }
  // Offset of the first stored byte of a member. BadData where the member is not in the file.
  Index PlaceOf(const ZipMember& member) const;
  // Reads a stored member once. BadData where its bytes have another checksum than the directory
  // says.
  void CheckStored(const ZipMember& member) const;
  // The first bytes of a member, unpacked: `most`, or all. BadData where there are fewer.
  std::vector<std::byte> Start(const ZipMember& member, Index most) const;
  // The unpacked bytes of a member. BadData where they are not as many as the directory says or
  // have another checksum.
  std::vector<std::byte> Read(const ZipMember& member) const;

 private:
  void ReadDirectory();
  ZipMember TakeMember(std::string_view* directory) const;
  // Whether a member may have the bytes that it claims; throws BadData, else returns its place.
  Index CheckClaims(const ZipMember& member) const;
  // Unpacks until `bytes` are full. Sets `ended` to whether nothing follows them. False where they
  // do not become full.
  bool Inflate(Index at, Index stored_bytes, std::span<std::byte> bytes, bool* ended) const;
  std::string ReadText(Index offset, Index bytes) const;
  [[noreturn]] void Fail(const std::string& what) const;

  RawFile file_;
  Index file_bytes_;
  std::vector<ZipMember> members_;
};

}  // namespace lockstep
