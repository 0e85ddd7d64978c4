#include "data/corpus/shard_claims.h"

#include <filesystem>
#include <system_error>

#include "base/error.h"
#include "base/rank_status.h"
#include "data/corpus/record.h"
#include "data/corpus/word_cuts.h"

namespace lockstep {
namespace {

constexpr Index kWordBytes = 8;  // of offsets, sample ids and checksums

// An array of `count` elements of so many bytes at `offset` must end within the file.
class ArrayCheck {
 public:
  ArrayCheck(const JsonNode& node, const ShardInfo& shard) : node_(node), bytes_(shard.bytes) {}

  void operator()(const std::string& name, Index offset, Index count, Index element_bytes) const {
    Index bytes = 0, end = 0;
    if (!__builtin_mul_overflow(count, element_bytes, &bytes) &&
        !__builtin_add_overflow(offset, bytes, &end) && end <= bytes_) {
      return;
    }
    node_.Fail(fmt::format("claims {} x {} bytes of {} at offset {}, its file has {} bytes", count,
                           element_bytes, name, offset, bytes_));
  }

 private:
  const JsonNode& node_;
  Index bytes_;
};

}  // namespace

void CheckShardClaims(const JsonNode& node, const CorpusInfo& info, const ShardInfo& shard) {
  const ArrayCheck check(node, shard);
  const ShardPlaces& places = shard.places;
  check("step offsets", places.offsets, shard.sequences + 1, kWordBytes);
  check("sample ids", places.sample_ids, shard.sequences, kWordBytes);
  if (info.has_names) {
    check("names", places.names, shard.name_bytes, 1);
    check("name offsets", places.name_offsets, shard.sequences + 1, kWordBytes);
  }
  if (info.has_cuts) {
    check("word cuts", places.cuts, shard.cuts, sizeof(WordCut));
    check("offsets of cuts", places.cut_offsets, shard.sequences + 1, kWordBytes);
  }
  for (std::size_t f = 0; f < info.schema.fields.size(); ++f) {
    const Field& field = info.schema.fields[f];
    const FieldPlaces& place = places.fields[f];
    check("rows of \"" + field.name + "\"", place.values, shard.fields[f].rows, RowBytes(field));
    check("checksums of \"" + field.name + "\"", place.checksums, shard.sequences, kWordBytes);
    if (!HasOwnLength(field)) continue;
    check("offsets of \"" + field.name + "\"", place.offsets, shard.sequences + 1, kWordBytes);
  }
}

void RequireShardBytes(const std::string& path, Index bytes, const ShardInfo& shard) {
  if (bytes == shard.bytes) return;
  throw BadData("{}: has {} bytes, {} says {}; restore the file or prepare the corpus again", path,
                bytes, kCorpusIndexName, shard.bytes);
}

void CheckShardFiles(const std::string& folder, const CorpusInfo& info) {
  for (const auto& [name, split] : info.splits) {
    for (const ShardInfo& shard : split.shards) {
      Status().Beat();
      const std::string path = FolderOf(shard, folder) + "/" + shard.file;
      std::error_code error;
      const std::uintmax_t bytes = std::filesystem::file_size(path, error);
      if (!error) RequireShardBytes(path, static_cast<Index>(bytes), shard);
    }
  }
}

}  // namespace lockstep
