// The frame of a shard: all its bytes except the records. For other programs a shard is an HDF5
// file; this program reads a few arrays at known offsets. Each record (the values of one sample in
// one field) has its own checksum; all other bytes, which are the tables and HDF5's own data, are
// protected by one hash.
//
// Shards are not read through HDF5, for three reasons: a flipped byte in its metadata can crash the
// library (seen with 1.10.8: SIGFPE), its lock would make reading wait for the writing of
// checkpoints, and it reads 64 KiB for a record of 512 bytes.
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

// The bytes of a shard that hold the values of field `f`.
ByteRange FieldRange(const CorpusInfo& info, const ShardInfo& shard, std::size_t f);

// The frame of one shard in memory; takes about 32 bytes per record.
class ShardFrame {
 public:
  // Reads everything but the records. BadData if the index has impossible offsets.
  ShardFrame(const RawFile& file, const CorpusInfo& info, const ShardInfo& shard);

  // The hash that must equal ShardInfo::frame_hash.
  std::string Hash() const;
  // The table of `count` elements at this offset of the file; BadData if it is not within the
  // frame.
  template <typename T>
  std::vector<T> Table(const char* name, Index offset, Index count) const;

 private:
  struct Piece {
    ByteRange range;
    std::vector<std::byte> bytes;
  };

  const std::string path_;
  std::vector<Piece> pieces_;  // the bytes before, between and after the records
};

}  // namespace lockstep
