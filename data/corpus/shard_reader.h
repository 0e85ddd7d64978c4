// Reads the records of one shard and believes nothing: the size of the file, its frame (against the
// hash in the index) and each record (against its checksum) are verified before a value is handed
// out.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/raw_file.h"
#include "data/corpus/shard_format.h"
#include "data/corpus/shard_tables.h"

namespace lockstep {

// Where records are read into. Who reads many shards in turn lends all of them the same buffers:
// a long sample takes a megabyte, and a window has hundreds of shards.
struct RecordBuffers {
  std::vector<std::vector<std::byte>> fields;  // as Schema::fields
};

class ShardReader {
 public:
  // Opens the shard and verifies its tables, which stay in memory, where they are not given: others
  // may have read them. `info`, `shard` and `buffers` must outlive the reader, which has its own
  // buffers without. MissingInput when the file is not there; BadData naming file, dataset and
  // record when something is damaged.
  ShardReader(const std::string& folder, const CorpusInfo& info, const ShardInfo& shard,
              RecordBuffers* buffers = nullptr,
              std::shared_ptr<const ShardTables> tables = nullptr);
  ShardReader(const ShardReader&) = delete;  // may point at its own buffers
  ShardReader& operator=(const ShardReader&) = delete;

  Index sequences() const { return tables_->sequences(); }
  Index Length(Index record) const { return tables_->Length(record); }
  // Rows of field `f`.
  Index Rows(std::size_t f, Index record) const { return tables_->Rows(f, record); }
  std::uint64_t SampleId(Index record) const { return tables_->SampleId(record); }
  // Name of a sample, where the corpus has names. Reads them when the first is asked for.
  std::string Name(Index record);

  // All rows of field `f` of one record, verified, in the element type of the corpus; valid until
  // the next call for the same field of any reader with the same buffers.
  std::span<const std::byte> Read(std::size_t f, Index record);

  // File, record and name of a sample, for messages.
  std::string Where(Index record);

  // Gives back the tables, without which nothing may be asked; and takes them, reading them where
  // they are not given.
  void DropTables();
  void TakeTables(std::shared_ptr<const ShardTables> tables = nullptr);
  bool has_tables() const { return tables_ != nullptr; }
  // Gives back the file handle; the tables stay. The next read opens the file again.
  void Close() { file_.reset(); }
  bool is_open() const { return file_.has_value(); }

 private:
  void Open() { file_ = OpenShard(folder_, shard_); }
  void ReadNames();
  void ReadBytes(std::size_t f, Index record, std::vector<std::byte>* bytes);
  std::string Where(std::size_t f, Index record) const;

  std::string folder_;
  std::string path_;
  const CorpusInfo& info_;
  const ShardInfo& shard_;
  std::optional<RawFile> file_;
  std::shared_ptr<const ShardTables> tables_;
  std::vector<std::int64_t> name_offsets_;  // empty until a name is asked for
  std::vector<std::uint8_t> names_;
  RecordBuffers own_;  // empty where others are lent
  RecordBuffers* buffers_;
};

// Reads every byte of a shard; throws what the first damage found gives.
void VerifyShard(const std::string& folder, const CorpusInfo& info, const ShardInfo& shard);

}  // namespace lockstep
