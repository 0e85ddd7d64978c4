#include "data/shard_reader.h"

#include "base/error.h"
#include "data/record.h"
#include "data/shard_frame.h"

namespace lockstep {
namespace {

constexpr const char* kRemedy = "restore the file or prepare the corpus again";

}  // namespace

ShardReader::ShardReader(const std::string& folder, const CorpusInfo& info, const ShardInfo& shard,
                         RecordBuffers* buffers)
    : path_(folder + "/" + shard.file),
      info_(info),
      shard_(shard),
      buffers_(buffers != nullptr ? buffers : &own_),
      inputs_{"inputs", info.inputs, shard.places.inputs, shard.longest, {}, &buffers_->inputs},
      targets_{"targets", info.targets,      shard.places.targets, shard.longest_targets,
               {},        &buffers_->targets} {
  Open();
  ReadTables();
  CheckOffsets("offsets", offsets_, 1, shard.longest, shard.steps);
  CheckOffsets("target_offsets", target_offsets(), 0, shard.longest_targets, shard.targets);
}

void ShardReader::Open() {
  file_ = RawFile::OpenForReading(path_);
  const Index bytes = file_->SizeBytes();
  if (bytes != shard_.bytes) {
    Close();
    throw BadData("{}: has {} bytes, {} says {}; {}", path_, bytes, kCorpusIndexName, shard_.bytes,
                  kRemedy);
  }
}

void ShardReader::ReadTables() {
  const ShardFrame frame(*file_, info_, shard_);
  const std::string computed = frame.Hash();
  if (computed != shard_.frame_hash) {
    throw BadData(
        "{}: tables and headers (datasets \"offsets\", \"sample_ids\", \"inputs_checksums\", "
        "\"targets_checksums\", those of names and what HDF5 needs) have the hash {}, {} says {}: "
        "they are damaged, or the shard is of another corpus; {}",
        path_, computed, kCorpusIndexName, shard_.frame_hash, kRemedy);
  }
  const ShardPlaces& places = shard_.places;
  const Index count = shard_.sequences;
  offsets_ = frame.Table<std::int64_t>("offsets", places.offsets, count + 1);
  sample_ids_ = frame.Table<std::uint64_t>("sample_ids", places.sample_ids, count);
  inputs_.checksums =
      frame.Table<std::uint64_t>("inputs_checksums", places.inputs_checksums, count);
  targets_.checksums =
      frame.Table<std::uint64_t>("targets_checksums", places.targets_checksums, count);
  if (!info_.targets_per_step) {
    target_offsets_ = frame.Table<std::int64_t>("target_offsets", places.target_offsets, count + 1);
  }
}

Index ShardReader::TargetLength(Index record) const {
  return target_offsets()[At(record) + 1] - target_offsets()[At(record)];
}

std::string ShardReader::Name(Index record) {
  LOCKSTEP_CHECK(info_.has_names && record >= 0 && record < sequences());
  if (name_offsets_.empty()) ReadNames();
  const std::int64_t begin = name_offsets_[At(record)], end = name_offsets_[At(record) + 1];
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
  const Index longest = shard_.name_bytes;
  CheckOffsets("name_offsets", name_offsets_, 0, longest, shard_.name_bytes);
}

// True of every table that we wrote; a hash that fits a wrong table would be our own bug or malice.
void ShardReader::CheckOffsets(const char* name, const std::vector<std::int64_t>& offsets,
                               Index least, Index longest, Index total) const {
  for (Index record = 0; record < sequences(); ++record) {
    const Index length = offsets[At(record) + 1] - offsets[At(record)];
    if (length < least || length > longest) {
      throw BadData("{}: dataset \"{}\": record {} has {} rows, allowed {}..{}; {}", path_, name,
                    record, length, least, longest, kRemedy);
    }
  }
  if (offsets.front() != 0 || offsets.back() != total) {
    throw BadData("{}: dataset \"{}\" runs from {} to {}, {} says 0 to {}; {}", path_, name,
                  offsets.front(), offsets.back(), kCorpusIndexName, total, kRemedy);
  }
}

std::span<const std::byte> ShardReader::Inputs(Index record) {
  ReadRecord(inputs_, offsets_, record);
  if (const auto bad = FindBadInput(info_, *inputs_.bytes)) {
    throw BadData("{}: has {} at step {}, allowed: {}; {}", Where(inputs_, record), bad->found,
                  bad->step, bad->allowed, kRemedy);
  }
  return *inputs_.bytes;
}

std::span<const std::byte> ShardReader::Targets(Index record) {
  ReadRecord(targets_, target_offsets(), record);
  if (const auto bad = FindBadTarget(info_, *targets_.bytes)) {
    throw BadData("{}: has {} at step {}, allowed: {}; {}", Where(targets_, record), bad->found,
                  bad->step, bad->allowed, kRemedy);
  }
  return *targets_.bytes;
}

void ShardReader::ReadRecord(Field& field, const std::vector<std::int64_t>& offsets, Index record) {
  LOCKSTEP_CHECK(record >= 0 && record < sequences());
  if (!is_open()) Open();
  const Index step_bytes = StepBytes(field.spec);
  std::vector<std::byte>& bytes = *field.bytes;
  bytes.reserve(static_cast<std::size_t>(field.longest * step_bytes));
  const Index rows = offsets[At(record) + 1] - offsets[At(record)];
  bytes.resize(static_cast<std::size_t>(rows * step_bytes));
  file_->ReadAt(field.file_offset + offsets[At(record)] * step_bytes, bytes);
  if (RecordChecksum(bytes, SampleId(record)) != field.checksums[At(record)]) {
    throw BadData("{}: checksum does not match: the bytes are damaged; {}", Where(field, record),
                  kRemedy);
  }
}

std::string ShardReader::Where(const Field& field, Index record) const {
  return fmt::format("{}: dataset \"{}\" record {} (sample {})", path_, field.name, record,
                     SampleId(record));
}

std::string ShardReader::Where(Index record) {
  const std::string name = info_.has_names ? fmt::format(" \"{}\"", Name(record)) : "";
  return fmt::format("{}: record {} (sample {}{})", path_, record, SampleId(record), name);
}

void VerifyShard(const std::string& folder, const CorpusInfo& info, const ShardInfo& shard) {
  ShardReader reader(folder, info, shard);
  for (Index record = 0; record < reader.sequences(); ++record) {
    reader.Inputs(record);
    reader.Targets(record);
  }
}

}  // namespace lockstep
