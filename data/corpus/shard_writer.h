// Writes the shards of one split. Samples are gathered in memory until they fill a shard, which is
// then written under a temporary name and renamed when it is complete. docs/shard_format.md
// describes the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/corpus/shard_format.h"
#include "data/corpus/word_cuts.h"

namespace lockstep {

// The most bytes of values in a shard, unless a single sample has more. 32 MiB is large enough for
// a shard to be read at the speed of the disk, and small enough for a split to have many shards
// that can be shuffled.
inline constexpr Index kDefaultShardBytes = Index{32} << 20;

// A sample to be written: the rows of each field, in the element types of the corpus.
struct Sample {
  std::vector<std::span<const std::byte>> fields;  // in the order of Schema::fields
  Index steps = 0;
  std::string_view name = {};          // only if the corpus has names
  std::span<const WordCut> cuts = {};  // only if the corpus has word cuts
};

class ShardWriter {
 public:
  // `info` holds the schema and must outlive the writer. Shards are numbered from `first_shard` on,
  // for a split that several writers write in parts.
  ShardWriter(std::string folder, std::string split, const CorpusInfo& info, Index first_sample_id,
              Index shard_bytes, Index first_shard = 0);

  // Adds the next sample. If a value is not allowed, throws BadData that names sample, step and
  // value, and does not add the sample.
  void Add(const Sample& sample);
  // The samples that are added from now on are from this source of CorpusInfo::sources; until the
  // first call they are from source 0.
  void SetSource(Index source) { source_ = source; }
  // Publishes the last shard and returns the finished split. May be called once.
  SplitInfo Finish();

 private:
  // A field of the shard being gathered.
  struct Gathered {
    std::vector<std::byte> values;
    std::vector<std::int64_t> offsets{0};  // in rows
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
  Index source_ = 0;
  // The members below belong to the shard being gathered.
  std::vector<Gathered> fields_;
  std::vector<std::int64_t> offsets_{0};  // in steps
  std::string names_;
  std::vector<std::int64_t> name_offsets_{0};
  std::vector<WordCut> cuts_;
  std::vector<std::int64_t> cut_offsets_{0};
  std::vector<std::uint64_t> sample_ids_;
  Index longest_ = 0;
};

}  // namespace lockstep
