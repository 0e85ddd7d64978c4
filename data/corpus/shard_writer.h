// Writes the shards of one split. A shard is gathered in memory, written under a temporary name and
// published whole when it has its target size; docs/shard_format.md describes the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/corpus/shard_format.h"

namespace lockstep {

// Bytes of the values in a shard, unless a single sample has more. 32 MiB: large enough
// that a shard is read at disk speed, small enough that a split has many to shuffle.
inline constexpr Index kDefaultShardBytes = Index{32} << 20;

// One sample as it is stored: the rows of each field, in the element types of the corpus.
struct Sample {
  std::vector<std::span<const std::byte>> fields;  // as Schema::fields
  Index steps = 0;
  std::string_view name = {};  // where samples have names
};

class ShardWriter {
 public:
  // `info` gives the schema and must outlive the writer. Shards are numbered from
  // `first_shard`, for those who write a split in parts.
  ShardWriter(std::string folder, std::string split, const CorpusInfo& info, Index first_sample_id,
              Index shard_bytes, Index first_shard = 0);

  // Adds the next sample. BadData names sample, step and value when one is not allowed; nothing of
  // the sample is kept then.
  void Add(const Sample& sample);
  // Publishes the last shard and gives the finished split. Once.
  SplitInfo Finish();

 private:
  // A field of the shard being gathered.
  struct Gathered {
    std::vector<std::byte> values;
    std::vector<std::int64_t> offsets{0};  // rows
    std::vector<std::uint64_t> checksums;
    FieldCounts counts;
  };
  void Check(const Sample& sample) const;
  void CheckRows(const Sample& sample, std::size_t f) const;
  void CountLabels(const Sample& sample);
  Index GatheredBytes() const;
  void AddField(std::size_t f, std::span<const std::byte> bytes, std::uint64_t id);
  void Publish();
  void WriteFile(const std::string& path, ShardInfo& shard) const;

  std::string folder_;
  std::string split_name_;
  const CorpusInfo& info_;
  Index shard_bytes_;
  Index first_shard_;
  SplitInfo split_;
  // The shard being gathered.
  std::vector<Gathered> fields_;
  std::vector<std::int64_t> offsets_{0};  // steps
  std::string names_;
  std::vector<std::int64_t> name_offsets_{0};
  std::vector<std::uint64_t> sample_ids_;
  Index longest_ = 0;
};

}  // namespace lockstep
