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
  // Rows of a record's inputs, and of its targets, begin so far into the dataset; a record more
  // than there are gives the end.
  Index Offset(Index record) const { return At(0, record); }
  Index TargetOffset(Index record) const { return At(target_offsets_, record); }
  Index Length(Index record) const { return Offset(record + 1) - Offset(record); }
  Index TargetLength(Index record) const { return TargetOffset(record + 1) - TargetOffset(record); }
  std::uint64_t SampleId(Index record) const { return Word(sample_ids_, record); }
  std::uint64_t InputsChecksum(Index record) const {
    return Word(sample_ids_ + sequences_, record);
  }
  std::uint64_t TargetsChecksum(Index record) const {
    return Word(sample_ids_ + 2 * sequences_, record);
  }

  std::span<std::uint64_t> words() { return words_; }

 private:
  std::uint64_t Word(Index table, Index record) const {
    return words_[static_cast<std::size_t>(table + record)];
  }
  Index At(Index table, Index record) const { return static_cast<Index>(Word(table, record)); }

  Index sequences_;
  Index target_offsets_;  // 0, those of the inputs, where there is a target for each step
  Index sample_ids_;      // the checksums lie behind
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
