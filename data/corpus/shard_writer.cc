#include "data/corpus/shard_writer.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/own_file.h"
#include "data/corpus/record.h"
#include "data/corpus/shard_frame.h"
#include "data/corpus/shard_skeleton.h"
#include "data/corpus/source_table.h"

namespace lockstep {
namespace {

template <typename T>
void Append(std::vector<T>& to, std::span<const T> from) {
  to.insert(to.end(), from.begin(), from.end());
}

// Uses four tables of counts in turn, so that the additions for a run of equal labels do not wait
// for each other.
void CountBytes(std::span<const std::byte> targets, std::vector<Index>& counts) {
  std::array<std::array<Index, 256>, 4> tables{};
  for (std::size_t i = 0; i < targets.size(); ++i) {
    ++tables[i % 4][std::to_integer<std::size_t>(targets[i])];
  }
  for (std::size_t label = 0; label < counts.size(); ++label) {
    for (const auto& table : tables) counts[label] += table[label];
  }
}

}  // namespace

ShardWriter::ShardWriter(std::string folder, std::string split, const CorpusInfo& info,
                         Index first_sample_id, Index shard_bytes, Index first_shard)
    : folder_(std::move(folder)),
      split_name_(std::move(split)),
      info_(info),
      shard_bytes_(shard_bytes),
      first_shard_(first_shard) {
  split_.first_sample_id = first_sample_id;
  split_.label_counts.resize(info.classes().size(), 0);
  split_.fields.resize(info.schema.fields.size());
  fields_.resize(info.schema.fields.size());
}

Index ShardWriter::GatheredBytes() const {
  std::size_t bytes = 0;
  for (const Gathered& field : fields_) bytes += field.values.size();
  return static_cast<Index>(bytes);
}

void ShardWriter::Add(const Sample& sample) {
  Check(sample);
  const auto id = static_cast<std::uint64_t>(split_.first_sample_id + split_.sequences);
  Index bytes = 0;
  for (const auto& field : sample.fields) bytes += static_cast<Index>(field.size());
  if (!sample_ids_.empty() && GatheredBytes() + bytes > shard_bytes_) Publish();
  for (std::size_t f = 0; f < fields_.size(); ++f) AddField(f, sample.fields[f], id);
  offsets_.push_back(offsets_.back() + sample.steps);
  names_ += sample.name;
  name_offsets_.push_back(static_cast<Index>(names_.size()));
  Append(cuts_, sample.cuts);
  cut_offsets_.push_back(std::ssize(cuts_));
  sample_ids_.push_back(id);
  longest_ = std::max(longest_, sample.steps);
  CountLabels(sample);
  ++split_.sequences;
  split_.steps += sample.steps;
  if (!info_.sources.empty()) AddToRuns(source_, 1, sample.steps, &split_.sources);
  split_.longest = std::max(split_.longest, sample.steps);
}

void ShardWriter::AddField(std::size_t f, std::span<const std::byte> bytes, std::uint64_t id) {
  Gathered& field = fields_[f];
  Append(field.values, bytes);
  const Index rows = static_cast<Index>(bytes.size()) / RowBytes(info_.schema.fields[f]);
  field.offsets.push_back(field.offsets.back() + rows);
  field.checksums.push_back(RecordChecksum(bytes, id));
  for (FieldCounts* counts : {&field.counts, &split_.fields[f]}) {
    counts->rows += rows;
    counts->longest = std::max(counts->longest, rows);
  }
}

void ShardWriter::CheckRows(const Sample& sample, std::size_t f) const {
  const Field& field = info_.schema.fields[f];
  const Index bytes = static_cast<Index>(sample.fields[f].size());
  LOCKSTEP_CHECK_EQ(bytes % RowBytes(field), 0);
  const Index rows = bytes / RowBytes(field);
  LOCKSTEP_CHECK(field.alignment != Alignment::kStep || rows == sample.steps);
  LOCKSTEP_CHECK(field.alignment != Alignment::kSequence || rows == 1);
}

void ShardWriter::Check(const Sample& sample) const {
  LOCKSTEP_CHECK(sample.steps >= 1);
  LOCKSTEP_CHECK_EQ(sample.fields.size(), fields_.size());
  LOCKSTEP_CHECK(info_.has_names || sample.name.empty());
  LOCKSTEP_CHECK_EQ(info_.has_cuts, !sample.cuts.empty());
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    CheckRows(sample, f);
    const auto bad = FindBadValue(info_.schema, f, sample.fields[f], sample.steps);
    if (!bad) continue;
    throw BadData(
        "cannot write split \"{}\" of {}: {} of sequence {} have {} at step {}, allowed: {}",
        split_name_, folder_, info_.schema.fields[f].name, split_.sequences, bad->found, bad->row,
        bad->allowed);
  }
}

// For lists per step, the record begins with the lengths of the lists, which are not labels.
void ShardWriter::CountLabels(const Sample& sample) {
  if (info_.target().is_real()) return;
  std::span<const std::byte> targets = sample.fields[info_.target_index()];
  if (info_.target().alignment == Alignment::kListInStep) {
    targets = targets.subspan(static_cast<std::size_t>(sample.steps) * sizeof(std::int32_t));
  }
  if (info_.target().type == ElementType::kUint8) return CountBytes(targets, split_.label_counts);
  const auto* labels = reinterpret_cast<const std::int32_t*>(targets.data());
  for (std::size_t i = 0; i < targets.size() / sizeof(std::int32_t); ++i) {
    if (labels[i] != kIgnoredTarget) ++split_.label_counts[static_cast<std::size_t>(labels[i])];
  }
}

SplitInfo ShardWriter::Finish() {
  if (!sample_ids_.empty()) Publish();
  return split_;
}

void ShardWriter::Publish() {
  ShardInfo shard;
  shard.file = fmt::format("{}-{:05}.h5", split_name_,
                           first_shard_ + static_cast<Index>(split_.shards.size()));
  shard.sequences = static_cast<Index>(sample_ids_.size());
  shard.steps = offsets_.back();
  shard.longest = longest_;
  for (const Gathered& field : fields_) shard.fields.push_back(field.counts);
  shard.name_bytes = static_cast<Index>(names_.size());
  shard.cuts = std::ssize(cuts_);
  const std::string path = folder_ + "/" + shard.file, temporary = CreateTemporary(path);
  try {
    WriteFile(temporary, shard);
    PublishFile(temporary, path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  split_.shards.push_back(std::move(shard));
  fields_.assign(fields_.size(), {});
  offsets_.assign(1, 0);
  names_.clear();
  name_offsets_.assign(1, 0);
  cuts_.clear();
  cut_offsets_.assign(1, 0);
  sample_ids_.clear();
  longest_ = 0;
}

// Writes the file of a shard; sets places, size and hash in `shard`.
void ShardWriter::WriteFile(const std::string& path, ShardInfo& shard) const {
  shard.places = CreateShardSkeleton(path, info_, shard);
  RawFile file = RawFile::OpenForWriting(path);
  file.WriteAt(shard.places.offsets, std::as_bytes(std::span(offsets_)));
  file.WriteAt(shard.places.sample_ids, std::as_bytes(std::span(sample_ids_)));
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    const FieldPlaces& places = shard.places.fields[f];
    file.WriteAt(places.checksums, std::as_bytes(std::span(fields_[f].checksums)));
    file.WriteAt(places.values, fields_[f].values);
    if (!HasOwnLength(info_.schema.fields[f])) continue;
    file.WriteAt(places.offsets, std::as_bytes(std::span(fields_[f].offsets)));
  }
  if (info_.has_names) {
    file.WriteAt(shard.places.names, std::as_bytes(std::span(names_)));
    file.WriteAt(shard.places.name_offsets, std::as_bytes(std::span(name_offsets_)));
  }
  if (info_.has_cuts) {
    file.WriteAt(shard.places.cuts, std::as_bytes(std::span(cuts_)));
    file.WriteAt(shard.places.cut_offsets, std::as_bytes(std::span(cut_offsets_)));
  }
  shard.bytes = file.SizeBytes();
  shard.frame_hash = ShardFrame(file, info_, shard).Hash();
}

}  // namespace lockstep
