#include "data/corpus/shard_tables.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "data/corpus/shard_claims.h"
#include "data/corpus/shard_frame.h"
#include "data/corpus/shard_skeleton.h"

namespace lockstep {
namespace {

constexpr const char* kRemedy = "restore the file or prepare the corpus again";

void CheckHash(const ShardFrame& frame, const std::string& path, const ShardInfo& shard) {
  const std::string computed = frame.Hash();
  if (computed == shard.frame_hash) return;
  throw BadData(
      "{}: tables and headers (datasets \"offsets\", \"sample_ids\", checksums and offsets of the "
      "fields, those of names and what HDF5 needs) have the hash {}, {} says {}: "
      "they are damaged, or the shard is of another corpus; {}",
      path, computed, kCorpusIndexName, shard.frame_hash, kRemedy);
}

// The cuts are packed: a word holds two numbers.
Index WordsOfCuts(Index cuts) { return (cuts * kNumbersOfCut + 1) / 2; }

// The cuts of each record must fit its frames and labels.
void CheckCuts(const std::string& path, const CorpusInfo& info, const ShardTables& tables,
               std::span<const std::int64_t> offsets, std::span<const WordCut> cuts) {
  for (Index record = 0; record < tables.sequences(); ++record) {
    const auto at = static_cast<std::size_t>(record);
    const auto own = cuts.subspan(static_cast<std::size_t>(offsets[at]),
                                  static_cast<std::size_t>(offsets[at + 1] - offsets[at]));
    const auto bad =
        FindBadCut(own, tables.Length(record), tables.Rows(info.target_index(), record));
    if (!bad) continue;
    throw BadData("{}: dataset \"cuts\": record {}: {}; {}", path, record, *bad, kRemedy);
  }
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
    : sequences_(shard.sequences), id_shift_(static_cast<std::uint64_t>(shard.id_shift)) {
  Index end = sequences_ + 1;
  for (const Field& field : info.schema.fields) {
    if (field.alignment == Alignment::kStep) {
      offsets_.push_back(0);
    } else if (!HasOwnLength(field)) {
      offsets_.push_back(kOnePerRecord);
    } else {
      offsets_.push_back(end);
      end += sequences_ + 1;
    }
  }
  sample_ids_ = end;
  const Index tables = 1 + static_cast<Index>(info.schema.fields.size());
  Index words = sample_ids_ + tables * sequences_;
  if (info.has_cuts) {
    cut_offsets_ = words;
    cuts_ = cut_offsets_ + sequences_ + 1;
    words = cuts_ + WordsOfCuts(shard.cuts);
  }
  words_.resize(static_cast<std::size_t>(words));
}

WordCut ShardTables::Cut(Index record, Index cut) const {
  WordCut one;
  const auto* const cuts = reinterpret_cast<const std::byte*>(words_.data() + cuts_);
  std::memcpy(&one, cuts + (FirstCut(record) + cut) * static_cast<Index>(sizeof(WordCut)),
              sizeof(WordCut));
  return one;
}

// Fills the tables in the order in which the constructor has placed them.
ShardTables ReadShardTables(const RawFile& file, const CorpusInfo& info, const ShardInfo& shard) {
  const ShardFrame frame(file, info, shard);
  CheckHash(frame, file.path(), shard);
  ShardTables tables(info, shard);
  auto next = tables.words().begin();
  const auto take = [&](const std::string& name, Index place) {
    const auto table = frame.Table<std::uint64_t>(name.c_str(), place, shard.sequences);
    next = std::copy(table.begin(), table.end(), next);
  };
  const auto take_offsets = [&](const std::string& name, Index place, OffsetBounds bounds) {
    const auto table = frame.Table<std::int64_t>(name.c_str(), place, shard.sequences + 1);
    CheckOffsets(file.path(), name.c_str(), table, bounds);
    next = std::copy(table.begin(), table.end(), next);
  };
  const ShardPlaces& places = shard.places;
  take_offsets("offsets", places.offsets, {1, shard.longest, shard.steps});
  for (std::size_t f = 0; f < places.fields.size(); ++f) {
    if (!HasOwnLength(info.schema.fields[f])) continue;
    take_offsets(DatasetsOf(info, f).offsets, places.fields[f].offsets,
                 {0, shard.fields[f].longest, shard.fields[f].rows});
  }
  take("sample_ids", places.sample_ids);
  for (std::size_t f = 0; f < places.fields.size(); ++f) {
    take(DatasetsOf(info, f).checksums, places.fields[f].checksums);
  }
  if (!info.has_cuts) return tables;
  take_offsets("cut_offsets", places.cut_offsets, {2, shard.cuts, shard.cuts});
  const auto cuts = frame.Table<WordCut>("cuts", places.cuts, shard.cuts);
  const auto offsets =
      frame.Table<std::int64_t>("cut_offsets", places.cut_offsets, shard.sequences + 1);
  CheckCuts(file.path(), info, tables, offsets, cuts);
  std::memcpy(&*next, cuts.data(), cuts.size() * sizeof(WordCut));
  return tables;
}

RawFile OpenShard(const std::string& folder, const ShardInfo& shard) {
  RawFile file = RawFile::OpenInside(FolderOf(shard, folder), shard.file);
  RequireShardBytes(file.path(), file.SizeBytes(), shard);
  return file;
}

}  // namespace lockstep
