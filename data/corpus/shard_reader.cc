#include "data/corpus/shard_reader.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "data/corpus/record.h"
#include "data/corpus/shard_frame.h"

namespace lockstep {
namespace {

constexpr const char* kRemedy = "restore the file or prepare the corpus again";

std::vector<std::uint64_t> HashBlocks(std::span<const std::byte> bytes) {
  constexpr auto kBlock = static_cast<std::size_t>(ShardReader::kBlockBytes);
  std::vector<std::uint64_t> hashes;
  hashes.reserve((bytes.size() + kBlock - 1) / kBlock);
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(kBlock, bytes.size()))) {
    hashes.push_back(Hash64(bytes.first(std::min(kBlock, bytes.size()))));
  }
  return hashes;
}

}  // namespace

ShardReader::ShardReader(const std::string& folder, const CorpusInfo& info, const ShardInfo& shard,
                         RecordBuffers* buffers, std::shared_ptr<const ShardTables> tables)
    : folder_(folder),
      path_(FolderOf(shard, folder) + "/" + shard.file),
      info_(info),
      shard_(shard),
      buffers_(buffers != nullptr ? buffers : &own_) {
  buffers_->fields.resize(info.schema.fields.size());
  TakeTables(std::move(tables));
}

void ShardReader::TakeTables(std::shared_ptr<const ShardTables> tables) {
  tables_ = std::move(tables);
  if (tables_ != nullptr) return;
  if (!is_open()) Open();
  tables_ = std::make_shared<const ShardTables>(ReadShardTables(*file_, info_, shard_));
}

void ShardReader::DropTables() {
  tables_.reset();
  name_offsets_ = {};
  names_ = {};
  block_hashes_.clear();
}

std::string ShardReader::Name(Index record) {
  LOCKSTEP_CHECK(info_.has_names && record >= 0 && record < sequences());
  if (name_offsets_.empty()) ReadNames();
  const auto at = static_cast<std::size_t>(record);
  const std::int64_t begin = name_offsets_[at], end = name_offsets_[at + 1];
  return {reinterpret_cast<const char*>(names_.data()) + begin,
          static_cast<std::size_t>(end - begin)};
}

void ShardReader::ReadNames() {
  if (!is_open()) Open();
  const ShardFrame frame(*file_, info_, shard_);
  const ShardPlaces& places = shard_.places;
  names_ = frame.Table<std::uint8_t>("names", places.names, shard_.name_bytes);
  name_offsets_ =
      frame.Table<std::int64_t>("name_offsets", places.name_offsets, shard_.sequences + 1);
  CheckOffsets(path_, "name_offsets", name_offsets_, {0, shard_.name_bytes, shard_.name_bytes});
}

std::span<const std::byte> ShardReader::Read(std::size_t f, Index record) {
  LOCKSTEP_CHECK(record >= 0 && record < sequences());
  std::vector<std::byte>& bytes = buffers_->fields[f];
  ReadBytes(f, record, &bytes);
  if (const auto bad = FindBadValue(info_.schema, f, bytes, Length(record))) {
    throw BadData("{}: has {} at step {}, allowed: {}; {}", Where(f, record), bad->found, bad->row,
                  bad->allowed, kRemedy);
  }
  return bytes;
}

std::span<const std::byte> ShardReader::ReadRows(std::size_t f, Index record, Index first,
                                                 Index count) {
  LOCKSTEP_CHECK(first >= 0 && count >= 0 && first + count <= Rows(f, record));
  const Index row_bytes = RowBytes(info_.schema.fields[f]);
  const Index begin = first * row_bytes, end = begin + count * row_bytes;
  if (block_hashes_.contains({f, record})) return ReadBlocks(f, record, begin, end);
  const std::span<const std::byte> bytes = Read(f, record);
  block_hashes_[{f, record}] = HashBlocks(bytes);
  return bytes.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

// Bytes [begin, end) of a record whose blocks have hashes.
std::span<const std::byte> ShardReader::ReadBlocks(std::size_t f, Index record, Index begin,
                                                   Index end) {
  if (!is_open()) Open();
  const std::vector<std::uint64_t>& hashes = block_hashes_.at({f, record});
  const Index row_bytes = RowBytes(info_.schema.fields[f]);
  const Index first = begin / kBlockBytes;
  const Index after =
      std::min((end + kBlockBytes - 1) / kBlockBytes * kBlockBytes, Rows(f, record) * row_bytes);
  std::vector<std::byte>& bytes = buffers_->fields[f];
  bytes.resize(static_cast<std::size_t>(after - first * kBlockBytes));
  const Index record_begin =
      shard_.places.fields[f].values + tables_->FirstRow(f, record) * row_bytes;
  file_->ReadAt(record_begin + first * kBlockBytes, bytes);
  const std::vector<std::uint64_t> found = HashBlocks(bytes);
  if (!std::equal(found.begin(), found.end(), hashes.begin() + first)) {
    throw BadData("{}: the bytes have changed since they were first read; {}", Where(f, record),
                  kRemedy);
  }
  return std::span<const std::byte>(bytes).subspan(
      static_cast<std::size_t>(begin - first * kBlockBytes), static_cast<std::size_t>(end - begin));
}

void ShardReader::ReadBytes(std::size_t f, Index record, std::vector<std::byte>* bytes) {
  if (!is_open()) Open();
  const Index row_bytes = RowBytes(info_.schema.fields[f]);
  bytes->reserve(static_cast<std::size_t>(shard_.fields[f].longest * row_bytes));
  bytes->resize(static_cast<std::size_t>(Rows(f, record) * row_bytes));
  file_->ReadAt(shard_.places.fields[f].values + tables_->FirstRow(f, record) * row_bytes, *bytes);
  if (RecordChecksum(*bytes, tables_->StoredId(record)) != tables_->Checksum(f, record)) {
    throw BadData("{}: checksum does not match: the bytes are damaged; {}", Where(f, record),
                  kRemedy);
  }
}

std::string ShardReader::Where(std::size_t f, Index record) const {
  return fmt::format("{}: dataset \"{}\" record {} (sample {})", path_, info_.schema.fields[f].name,
                     record, SampleId(record));
}

std::string ShardReader::Where(Index record) {
  const std::string name = info_.has_names ? fmt::format(" \"{}\"", Name(record)) : "";
  return fmt::format("{}: record {} (sample {}{})", path_, record, SampleId(record), name);
}

void VerifyShard(const std::string& folder, const CorpusInfo& info, const ShardInfo& shard) {
  ShardReader reader(folder, info, shard);
  for (Index record = 0; record < reader.sequences(); ++record) {
    for (std::size_t f = 0; f < info.schema.fields.size(); ++f) reader.Read(f, record);
  }
}

}  // namespace lockstep
