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
                         Index first_sample_id, Index shard_bytes, Index first_shard)
    : folder_(std::move(folder)),
      split_name_(std::move(split)),
      info_(info),
      shard_bytes_(shard_bytes),
      first_shard_(first_shard) {
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
  const Index targets = TargetRows(sample);
  offsets_.push_back(offsets_.back() + sample.steps);
  target_offsets_.push_back(target_offsets_.back() + targets);
  names_ += sample.name;
  name_offsets_.push_back(static_cast<Index>(names_.size()));
  sample_ids_.push_back(id);
  inputs_checksums_.push_back(RecordChecksum(sample.inputs, id));
  targets_checksums_.push_back(RecordChecksum(sample.targets, id));
  longest_ = std::max(longest_, sample.steps);
  longest_targets_ = std::max(longest_targets_, targets);
  CountLabels(sample.targets);
  ++split_.sequences;
  split_.steps += sample.steps;
  split_.longest = std::max(split_.longest, sample.steps);
  split_.targets += targets;
  split_.longest_targets = std::max(split_.longest_targets, targets);
}

Index ShardWriter::TargetRows(const Sample& sample) const {
  return static_cast<Index>(sample.targets.size()) / StepBytes(info_.targets);
}

void ShardWriter::Check(const Sample& sample) const {
  LOCKSTEP_CHECK(sample.steps >= 1);
  LOCKSTEP_CHECK_EQ(static_cast<Index>(sample.inputs.size()),
                    sample.steps * StepBytes(info_.inputs));
  LOCKSTEP_CHECK_EQ(static_cast<Index>(sample.targets.size()) % StepBytes(info_.targets), 0);
  LOCKSTEP_CHECK(!info_.targets_per_step || TargetRows(sample) == sample.steps);
  LOCKSTEP_CHECK(info_.has_names || sample.name.empty());
  const auto refuse = [&](const char* field, const BadValue& bad) {
    throw BadData(
        "cannot write split \"{}\" of {}: {} of sequence {} have {} at step {}, allowed: {}",
        split_name_, folder_, field, split_.sequences, bad.found, bad.step, bad.allowed);
  };
  if (const auto bad = FindBadInput(info_, sample.inputs)) refuse("inputs", *bad);
  if (const auto bad = FindBadTarget(info_, sample.targets)) refuse("targets", *bad);
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
  shard.file = fmt::format("{}-{:05}.h5", split_name_,
                           first_shard_ + static_cast<Index>(split_.shards.size()));
  shard.sequences = static_cast<Index>(sample_ids_.size());
  shard.steps = offsets_.back();
  shard.longest = longest_;
  shard.targets = target_offsets_.back();
  shard.longest_targets = longest_targets_;
  shard.name_bytes = static_cast<Index>(names_.size());
  const std::string path = folder_ + "/" + shard.file, temporary = CreateTemporary(path);
  try {
    WriteFile(temporary, shard);
    PublishFile(temporary, path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  split_.shards.push_back(std::move(shard));
  inputs_.clear();
  targets_.clear();
  offsets_.assign(1, 0);
  target_offsets_.assign(1, 0);
  names_.clear();
  name_offsets_.assign(1, 0);
  sample_ids_.clear();
  inputs_checksums_.clear();
  targets_checksums_.clear();
  longest_ = 0;
  longest_targets_ = 0;
}

// Sets places, size and hash of the shard.
void ShardWriter::WriteFile(const std::string& path, ShardInfo& shard) const {
  shard.places = CreateShardSkeleton(
      path, info_, {shard.sequences, shard.steps, shard.targets, shard.name_bytes});
  RawFile file = RawFile::OpenForWriting(path);
  file.WriteAt(shard.places.offsets, std::as_bytes(std::span(offsets_)));
  file.WriteAt(shard.places.sample_ids, std::as_bytes(std::span(sample_ids_)));
  file.WriteAt(shard.places.inputs_checksums, std::as_bytes(std::span(inputs_checksums_)));
  file.WriteAt(shard.places.targets_checksums, std::as_bytes(std::span(targets_checksums_)));
  file.WriteAt(shard.places.inputs, inputs_);
  file.WriteAt(shard.places.targets, targets_);
  if (!info_.targets_per_step) {
    file.WriteAt(shard.places.target_offsets, std::as_bytes(std::span(target_offsets_)));
  }
  if (info_.has_names) {
    file.WriteAt(shard.places.names, std::as_bytes(std::span(names_)));
    file.WriteAt(shard.places.name_offsets, std::as_bytes(std::span(name_offsets_)));
  }
  shard.bytes = file.SizeBytes();
  shard.frame_hash = ShardFrame(file, info_, shard).Hash();
}

}  // namespace lockstep
