// The tables of one shard in memory: where each record lies, what it is called, what vouches for
// it. One array of words, so that they travel from rank to rank as they are. About 32 bytes a
// record.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/raw_file.h"
#include "data/corpus/shard_format.h"

namespace lockstep {

class ShardTables {
 public:
  // All zero; whoever fills words() vouches for them.
  ShardTables(const CorpusInfo& info, const ShardInfo& shard);

  Index sequences() const { return sequences_; }
  // Steps of a record.
  Index Length(Index record) const { return Offset(record + 1) - Offset(record); }
  // Rows of field `f` in a record, and where in the dataset they begin.
  Index Rows(std::size_t f, Index record) const {
    return FirstRow(f, record + 1) - FirstRow(f, record);
  }
  Index FirstRow(std::size_t f, Index record) const {
    const Index table = offsets_[f];
    return table == kOnePerRecord ? record : At(table, record);
  }
  std::uint64_t SampleId(Index record) const { return Word(sample_ids_, record); }
  std::uint64_t Checksum(std::size_t f, Index record) const {
    return Word(sample_ids_ + (1 + static_cast<Index>(f)) * sequences_, record);
  }

  std::span<std::uint64_t> words() { return words_; }

 private:
  static constexpr Index kOnePerRecord = -1;
  std::uint64_t Word(Index table, Index record) const {
    return words_[static_cast<std::size_t>(table + record)];
  }
  Index At(Index table, Index record) const { return static_cast<Index>(Word(table, record)); }
  Index Offset(Index record) const { return At(0, record); }

  Index sequences_;
  std::vector<Index> offsets_;  // table of each field; 0: that of the steps, which leads
  Index sample_ids_;            // the checksums of the fields follow it
  std::vector<std::uint64_t> words_;
};

// What offsets of rows must be: lengths of records, and the end of the last.
struct OffsetBounds {
  Index least;
  Index longest;
  Index total;
};
// True of every table that we wrote; a hash that fits a wrong table would be our own bug or malice.
// BadData naming file, dataset and record.
void CheckOffsets(const std::string& path, const char* name, std::span<const std::int64_t> offsets,
                  OffsetBounds bounds);

// Reads the tables and verifies them. BadData naming the file and what is damaged.
ShardTables ReadShardTables(const RawFile& file, const CorpusInfo& info, const ShardInfo& shard);

// Opens FOLDER/shard.file; MissingInput when it is not there, BadData when it has not the size that
// the index says.
RawFile OpenShard(const std::string& folder, const ShardInfo& shard);

}  // namespace lockstep
