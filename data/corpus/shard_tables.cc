#include "data/corpus/shard_tables.h"

#include <algorithm>

#include "base/error.h"
#include "data/corpus/shard_frame.h"

namespace lockstep {
namespace {

constexpr const char* kRemedy = "restore the file or prepare the corpus again";

void CheckHash(const ShardFrame& frame, const std::string& path, const ShardInfo& shard) {
  const std::string computed = frame.Hash();
  if (computed == shard.frame_hash) return;
  throw BadData(
      "{}: tables and headers (datasets \"offsets\", \"sample_ids\", \"inputs_checksums\", "
      "\"targets_checksums\", those of names and what HDF5 needs) have the hash {}, {} says {}: "
      "they are damaged, or the shard is of another corpus; {}",
      path, computed, kCorpusIndexName, shard.frame_hash, kRemedy);
}

}  // namespace

void CheckOffsets(const std::string& path, const char* name, std::span<const std::int64_t> offsets,
                  OffsetBounds bounds) {
  for (std::size_t record = 0; record + 1 < offsets.size(); ++record) {
    const Index length = offsets[record + 1] - offsets[record];
    if (length < bounds.least || length > bounds.longest) {
      throw BadData("{}: dataset \"{}\": record {} has {} rows, allowed {}..{}; {}", path, name,
                    record, length, bounds.least, bounds.longest, kRemedy);
    }
  }
  if (offsets.front() != 0 || offsets.back() != bounds.total) {
    throw BadData("{}: dataset \"{}\" runs from {} to {}, {} says 0 to {}; {}", path, name,
                  offsets.front(), offsets.back(), kCorpusIndexName, bounds.total, kRemedy);
  }
}

ShardTables::ShardTables(const CorpusInfo& info, const ShardInfo& shard)
    : sequences_(shard.sequences),
      target_offsets_(info.targets_per_step ? 0 : shard.sequences + 1),
      sample_ids_(target_offsets_ + shard.sequences + 1),
      words_(static_cast<std::size_t>(sample_ids_ + 3 * shard.sequences)) {}

ShardTables ReadShardTables(const RawFile& file, const CorpusInfo& info, const ShardInfo& shard) {
  const ShardFrame frame(file, info, shard);
  CheckHash(frame, file.path(), shard);
  ShardTables tables(info, shard);
  auto next = tables.words().begin();
  const auto take = [&](const char* name, Index place, Index count) {
    const auto table = frame.Table<std::uint64_t>(name, place, count);
    next = std::copy(table.begin(), table.end(), next);
  };
  const auto take_offsets = [&](const char* name, Index place, OffsetBounds bounds) {
    const auto table = frame.Table<std::int64_t>(name, place, shard.sequences + 1);
    CheckOffsets(file.path(), name, table, bounds);
    next = std::copy(table.begin(), table.end(), next);
  };
  const ShardPlaces& places = shard.places;
  take_offsets("offsets", places.offsets, {1, shard.longest, shard.steps});
  if (!info.targets_per_step) {
    take_offsets("target_offsets", places.target_offsets,
                 {0, shard.longest_targets, shard.targets});
  }
  take("sample_ids", places.sample_ids, shard.sequences);
  take("inputs_checksums", places.inputs_checksums, shard.sequences);
  take("targets_checksums", places.targets_checksums, shard.sequences);
  return tables;
}

RawFile OpenShard(const std::string& folder, const ShardInfo& shard) {
  RawFile file = RawFile::OpenForReading(folder + "/" + shard.file);
  const Index bytes = file.SizeBytes();
  if (bytes == shard.bytes) return file;
  throw BadData("{}: has {} bytes, {} says {}; {}", file.path(), bytes, kCorpusIndexName,
                shard.bytes, kRemedy);
}

}  // namespace lockstep
