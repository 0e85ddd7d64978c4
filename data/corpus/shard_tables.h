// The tables of one shard in memory: for each record its offset, its sample id and its checksums.
// They are one array of words, so that they can be sent from rank to rank as they are. About 32
// bytes per record.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/raw_file.h"
#include "data/corpus/shard_format.h"
#include "data/corpus/word_cuts.h"

namespace lockstep {

class ShardTables {
 public:
  // All tables are zero; whoever fills words() must have verified them.
  ShardTables(const CorpusInfo& info, const ShardInfo& shard);

  Index sequences() const { return sequences_; }
  // The steps of a record.
  Index Length(Index record) const { return Offset(record + 1) - Offset(record); }
  // The number of rows of field `f` in a record, and the index of the first one in the dataset.
  Index Rows(std::size_t f, Index record) const {
    return FirstRow(f, record + 1) - FirstRow(f, record);
  }
  Index FirstRow(std::size_t f, Index record) const {
    const Index table = offsets_[f];
    return table == kOnePerRecord ? record : At(table, record);
  }
  // The id in this corpus.
  std::uint64_t SampleId(Index record) const { return StoredId(record) + id_shift_; }
  // The id in the corpus that the shard was made for, which its checksums cover.
  std::uint64_t StoredId(Index record) const { return Word(sample_ids_, record); }
  bool has_cuts() const { return cut_offsets_ > 0; }
  // The number of word cuts of a record, and one of them; only if the corpus has cuts.
  Index Cuts(Index record) const { return At(cut_offsets_, record + 1) - FirstCut(record); }
  WordCut Cut(Index record, Index cut) const;
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
  Index FirstCut(Index record) const { return At(cut_offsets_, record); }

  Index sequences_;
  std::uint64_t id_shift_;  // ShardInfo::id_shift
  // By field: index in words_ of its table of offsets. 0 is the table of steps, which comes first.
  std::vector<Index> offsets_;
  Index sample_ids_;  // index of the table of sample ids; the checksums of the fields follow it
  // Indices of the tables of word cuts, which come last, and only if the corpus has them.
  Index cut_offsets_ = 0;
  Index cuts_ = 0;
  std::vector<std::uint64_t> words_;
};

// What is allowed for a table of offsets.
struct OffsetBounds {
  Index least;    // fewest rows of a record
  Index longest;  // most rows of a record
  Index total;    // the last offset
};
// Checks a table of offsets. BadData that names file, dataset and record. Every table that this
// program has written is right; a wrong table with the right hash is a bug or was forged.
void CheckOffsets(const std::string& path, const char* name, std::span<const std::int64_t> offsets,
                  OffsetBounds bounds);

// Reads and verifies the tables. BadData that names the file and what is damaged.
ShardTables ReadShardTables(const RawFile& file, const CorpusInfo& info, const ShardInfo& shard);

// Opens FOLDER/shard.file. MissingInput if it does not exist, BadData if its size is not that in
// the index.
RawFile OpenShard(const std::string& folder, const ShardInfo& shard);

}  // namespace lockstep
