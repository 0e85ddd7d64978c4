// Where the bytes of a shard lie. A shard is an HDF5 file for other programs; for us it is a few
// arrays at known offsets. The records (the values of the fields) are vouched for one by
// one; all other bytes - the tables and what HDF5 needs - are the frame, vouched for by one hash.
//
// Why shards are not read through HDF5: a flipped byte in its metadata can crash the library (seen
// with 1.10.8: SIGFPE), its lock would couple reading to checkpoint writing, and it reads 64 KiB
// for a record of 512 bytes.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/raw_file.h"
#include "data/corpus/shard_format.h"

namespace lockstep {

// Bytes [begin, end) of a file.
struct ByteRange {
  Index begin = 0;
  Index end = 0;
  Index size() const { return end - begin; }
};

// The bytes of the values of field `f`.
ByteRange FieldRange(const CorpusInfo& info, const ShardInfo& shard, std::size_t f);

// The frame of one shard in memory: about 32 bytes a record.
class ShardFrame {
 public:
  // Reads all but the records. BadData when the index gives offsets that cannot be.
  ShardFrame(const RawFile& file, const CorpusInfo& info, const ShardInfo& shard);

  // What ShardInfo::frame_hash is.
  std::string Hash() const;
  // A table that lies in the frame at this offset of the file; BadData when it does not.
  template <typename T>
  std::vector<T> Table(const char* name, Index offset, Index count) const;

 private:
  struct Piece {
    ByteRange range;
    std::vector<std::byte> bytes;
  };

  const std::string path_;
  std::vector<Piece> pieces_;  // before, between and behind the records
};

}  // namespace lockstep
