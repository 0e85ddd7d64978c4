// Reads the records of one shard and believes nothing: the size of the file, its frame (against the
// hash in the index) and each record (against its checksum) are verified before a value is handed
// out.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/raw_file.h"
#include "data/shard_format.h"

namespace lockstep {

// Where records are read into. Who reads many shards in turn lends all of them the same buffers:
// an utterance takes a megabyte, and a window has hundreds of shards.
struct RecordBuffers {
  std::vector<std::byte> inputs;
  std::vector<std::byte> targets;
};

class ShardReader {
 public:
  // Opens the shard and verifies its tables, which stay in memory: 32 bytes a record. `info`,
  // `shard` and `buffers` must outlive the reader, which has its own buffers without. MissingInput
  // when the file is not there; BadData naming file, dataset and record when something is damaged.
  ShardReader(const std::string& folder, const CorpusInfo& info, const ShardInfo& shard,
              RecordBuffers* buffers = nullptr);
  ShardReader(const ShardReader&) = delete;  // may point at its own buffers
  ShardReader& operator=(const ShardReader&) = delete;

  Index sequences() const { return static_cast<Index>(sample_ids_.size()); }
  Index Length(Index record) const { return offsets_[At(record) + 1] - offsets_[At(record)]; }
  // Rows of the targets: Length where there is one for each step.
  Index TargetLength(Index record) const;
  std::uint64_t SampleId(Index record) const { return sample_ids_[At(record)]; }
  // Name of a sample, where the corpus has names. Reads them when the first is asked for.
  std::string Name(Index record);

  // All rows of one record, verified, in the element type of the corpus; valid until the next call
  // for the same field of any reader with the same buffers.
  std::span<const std::byte> Inputs(Index record);
  std::span<const std::byte> Targets(Index record);

  // File, record and name of a sample, for messages.
  std::string Where(Index record);

  // Gives back the file handle; the tables stay. The next read opens the file again.
  void Close() { file_.reset(); }
  bool is_open() const { return file_.has_value(); }

 private:
  struct Field {
    const char* name;
    FieldSpec spec;
    Index file_offset;  // of its first record
    Index longest;      // rows of the longest record
    std::vector<std::uint64_t> checksums;
    std::vector<std::byte>* bytes;  // of the record read last
  };

  static std::size_t At(Index record) { return static_cast<std::size_t>(record); }
  void Open();
  void ReadTables();
  void ReadNames();
  void CheckOffsets(const char* name, const std::vector<std::int64_t>& offsets, Index least,
                    Index longest, Index total) const;
  void ReadRecord(Field& field, const std::vector<std::int64_t>& offsets, Index record);
  const std::vector<std::int64_t>& target_offsets() const {
    return info_.targets_per_step ? offsets_ : target_offsets_;
  }
  std::string Where(const Field& field, Index record) const;

  std::string path_;
  const CorpusInfo& info_;
  const ShardInfo& shard_;
  std::optional<RawFile> file_;
  std::vector<std::int64_t> offsets_;
  std::vector<std::int64_t> target_offsets_;  // empty where there is a target for each step
  std::vector<std::int64_t> name_offsets_;    // empty until a name is asked for
  std::vector<std::uint8_t> names_;
  std::vector<std::uint64_t> sample_ids_;
  RecordBuffers own_;  // empty where others are lent
  RecordBuffers* buffers_;
  Field inputs_;
  Field targets_;
};

// Reads every byte of a shard; throws what the first damage found gives.
void VerifyShard(const std::string& folder, const CorpusInfo& info, const ShardInfo& shard);

}  // namespace lockstep
