#include "data/shard_writer.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "data/record.h"

namespace lockstep {
namespace {

template <typename T>
void Append(std::vector<T>& to, std::span<const T> from) {
  to.insert(to.end(), from.begin(), from.end());
}

// Four tables, so that the additions of a run of equal labels do not wait for each other.
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
                         Index first_sample_id, Index shard_bytes)
    : folder_(std::move(folder)),
      split_name_(std::move(split)),
      info_(info),
      shard_bytes_(shard_bytes) {
  split_.first_sample_id = first_sample_id;
  split_.label_counts.resize(info.classes.size(), 0);
}

void ShardWriter::Add(const Sample& sample) {
  Check(sample);
  const auto id = static_cast<std::uint64_t>(split_.first_sample_id + split_.sequences);
  const Index bytes = static_cast<Index>(sample.inputs.size() + sample.targets.size());
  const Index gathered = static_cast<Index>(inputs_.size() + targets_.size());
  if (!sample_ids_.empty() && gathered + bytes > shard_bytes_) Publish();
  Append(inputs_, sample.inputs);
  Append(targets_, sample.targets);
  offsets_.push_back(offsets_.back() + sample.steps);
  sample_ids_.push_back(id);
  inputs_checksums_.push_back(RecordChecksum(sample.inputs, id));
  targets_checksums_.push_back(RecordChecksum(sample.targets, id));
  longest_ = std::max(longest_, sample.steps);
  CountLabels(sample.targets);
  ++split_.sequences;
  split_.steps += sample.steps;
  split_.longest = std::max(split_.longest, sample.steps);
}

void ShardWriter::Check(const Sample& sample) const {
  LOCKSTEP_CHECK(sample.steps >= 1);
  LOCKSTEP_CHECK_EQ(static_cast<Index>(sample.inputs.size()),
                    sample.steps * StepBytes(info_.inputs));
  LOCKSTEP_CHECK_EQ(static_cast<Index>(sample.targets.size()),
                    sample.steps * StepBytes(info_.targets));
  const auto refuse = [&](const char* field, const BadValue& bad) {
    throw BadData(
        "cannot write split \"{}\" of {}: {} of sequence {} have {} at step {}, allowed: {}",
        split_name_, folder_, field, split_.sequences, bad.found, bad.step, bad.allowed);
  };
  if (const auto bad = FindBadInput(info_, sample.inputs)) refuse("inputs", *bad);
  const Index classes = static_cast<Index>(info_.classes.size());
  if (const auto bad = FindBadTarget(info_.targets, sample.targets, classes)) {
    refuse("targets", *bad);
  }
}

void ShardWriter::CountLabels(std::span<const std::byte> targets) {
  if (info_.targets.type == ElementType::kUint8) return CountBytes(targets, split_.label_counts);
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
  shard.file = fmt::format("{}-{:05}.h5", split_name_, split_.shards.size());
  shard.sequences = static_cast<Index>(sample_ids_.size());
  shard.steps = offsets_.back();
  shard.longest = longest_;
  shard.table_hash = TableHash(offsets_, sample_ids_, inputs_checksums_, targets_checksums_);
  const std::string temporary = folder_ + "/.tmp-" + shard.file;
  WriteShard(temporary);
  shard.bytes = static_cast<Index>(std::filesystem::file_size(temporary));
  PublishFile(temporary, folder_ + "/" + shard.file);
  split_.shards.push_back(std::move(shard));
  inputs_.clear();
  targets_.clear();
  offsets_.assign(1, 0);
  sample_ids_.clear();
  inputs_checksums_.clear();
  targets_checksums_.clear();
  longest_ = 0;
}

void ShardWriter::WriteShard(const std::string& path) const {
  const Index sequences = static_cast<Index>(sample_ids_.size());
  const std::array<std::int32_t, 1> version{kCorpusFormatVersion};
  Hdf5File file = Hdf5File::Create(path);
  file.Write<std::int32_t>("format_version", {1}, version);
  file.Write<std::int64_t>("offsets", {sequences + 1}, offsets_);
  file.Write<std::uint64_t>("sample_ids", {sequences}, sample_ids_);
  file.Write<std::uint64_t>("inputs_checksums", {sequences}, inputs_checksums_);
  file.Write<std::uint64_t>("targets_checksums", {sequences}, targets_checksums_);
  file.WriteRaw("inputs", info_.inputs.type, FieldShape(info_.inputs, offsets_.back()),
                inputs_.data());
  file.WriteRaw("targets", info_.targets.type, FieldShape(info_.targets, offsets_.back()),
                targets_.data());
  file.Close();
}

std::string TableHash(std::span<const std::int64_t> offsets,
                      std::span<const std::uint64_t> sample_ids,
                      std::span<const std::uint64_t> inputs_checksums,
                      std::span<const std::uint64_t> targets_checksums) {
  StreamHash hash;
  hash.Add(std::as_bytes(offsets));
  hash.Add(std::as_bytes(sample_ids));
  hash.Add(std::as_bytes(inputs_checksums));
  hash.Add(std::as_bytes(targets_checksums));
  return hash.Hex();
}

std::vector<Index> FieldShape(const FieldSpec& field, Index steps) {
  if (field.width == 1) return {steps};
  return {steps, field.width};
}

}  // namespace lockstep
