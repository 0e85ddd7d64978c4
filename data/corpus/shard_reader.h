// Reads the records of one shard. The file is not trusted: its size, its frame (by the hash in the
// index) and each record (by its checksum) are verified before a value is returned.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/raw_file.h"
#include "data/corpus/shard_format.h"
#include "data/corpus/shard_tables.h"

namespace lockstep {

// The memory that records are read into. Readers of many shards that are used in turn should share
// the same buffers: a long sample takes a megabyte, and a window has hundreds of shards.
struct RecordBuffers {
  std::vector<std::vector<std::byte>> fields;  // in the order of Schema::fields
};

class ShardReader {
 public:
  // Opens the shard. If `tables` are not given, because nobody has read them before, reads and
  // verifies them; they stay in memory. If `buffers` are not given, the reader has its own. `info`,
  // `shard` and `buffers` must outlive the reader. MissingInput if the file does not exist; BadData
  // that names file, dataset and record if something is damaged.
  ShardReader(const std::string& folder, const CorpusInfo& info, const ShardInfo& shard,
              RecordBuffers* buffers = nullptr,
              std::shared_ptr<const ShardTables> tables = nullptr);
  ShardReader(const ShardReader&) = delete;  // may point at its own buffers
  ShardReader& operator=(const ShardReader&) = delete;

  Index sequences() const { return tables_->sequences(); }
  Index Length(Index record) const { return tables_->Length(record); }
  // The rows of field `f` in a record.
  Index Rows(std::size_t f, Index record) const { return tables_->Rows(f, record); }
  // The tables; valid until DropTables.
  const ShardTables& tables() const { return *tables_; }
  std::uint64_t SampleId(Index record) const { return tables_->SampleId(record); }
  // The name of a sample; the corpus must have names. The first call reads the names.
  std::string Name(Index record);

  // Reads and verifies all rows of field `f` of one record, in the element type of the corpus.
  // Valid until the next call for the same field, by any reader with the same buffers.
  std::span<const std::byte> Read(std::size_t f, Index record);

  // Reads and verifies rows [first, first + count) of field `f` of one record; valid as long as the
  // result of Read. The checksum in the tables is that of the whole record: so the first call for a
  // record reads all of it, and keeps a hash of each block of kBlockBytes until DropTables. Later
  // calls read only the blocks with these rows, and compare them with these hashes.
  std::span<const std::byte> ReadRows(std::size_t f, Index record, Index first, Index count);
  static constexpr Index kBlockBytes = 4096;  // one page of a file

  // A text with file, record and name of a sample, for messages.
  std::string Where(Index record);

  // DropTables frees the tables; nothing but the functions below may be called until TakeTables.
  // TakeTables takes the tables again; if they are not given, it reads and verifies them.
  void DropTables();
  void TakeTables(std::shared_ptr<const ShardTables> tables = nullptr);
  bool has_tables() const { return tables_ != nullptr; }
  // Closes the file; the tables stay. The next read opens the file again.
  void Close() { file_.reset(); }
  bool is_open() const { return file_.has_value(); }

 private:
  void Open() { file_ = OpenShard(folder_, shard_); }
  void ReadNames();
  void ReadBytes(std::size_t f, Index record, std::vector<std::byte>* bytes);
  std::span<const std::byte> ReadBlocks(std::size_t f, Index record, Index begin, Index end);
  std::string Where(std::size_t f, Index record) const;

  std::string folder_;
  std::string path_;
  const CorpusInfo& info_;
  const ShardInfo& shard_;
  std::optional<RawFile> file_;
  std::shared_ptr<const ShardTables> tables_;
  std::vector<std::int64_t> name_offsets_;  // empty until a name is asked for
  std::vector<std::uint8_t> names_;
  // The hashes of the blocks of records that ReadRows was asked for, by field and record.
  std::map<std::pair<std::size_t, Index>, std::vector<std::uint64_t>> block_hashes_;
  RecordBuffers own_;  // empty if buffers were given
  RecordBuffers* buffers_;
};

// Reads and verifies every byte of a shard; throws BadData for the first damage that it finds.
void VerifyShard(const std::string& folder, const CorpusInfo& info, const ShardInfo& shard);

}  // namespace lockstep
