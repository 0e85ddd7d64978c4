#include "data/shard_reader.h"

#include "base/error.h"
#include "data/record.h"
#include "data/shard_frame.h"

namespace lockstep {
namespace {

constexpr const char* kRemedy = "restore the file or prepare the corpus again";

}  // namespace

ShardReader::ShardReader(const std::string& folder, const CorpusInfo& info, const ShardInfo& shard)
    : path_(folder + "/" + shard.file),
      info_(info),
      shard_(shard),
      inputs_{"inputs", info.inputs, shard.places.inputs, {}, {}},
      targets_{"targets", info.targets, shard.places.targets, {}, {}} {
  Open();
  ReadTables();
  CheckOffsets();
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
        "\"targets_checksums\" and what HDF5 needs) have the hash {}, {} says {}: they are "
        "damaged, "
        "or the shard is of another corpus; {}",
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
}

// True of every table that we wrote; a hash that fits a wrong table would be our own bug or malice.
void ShardReader::CheckOffsets() const {
  for (Index record = 0; record < sequences(); ++record) {
    if (Length(record) < 1 || Length(record) > shard_.longest) {
      throw BadData("{}: dataset \"offsets\": record {} has {} steps, allowed 1..{}; {}", path_,
                    record, Length(record), shard_.longest, kRemedy);
    }
  }
  if (offsets_.front() != 0 || offsets_.back() != shard_.steps) {
    throw BadData("{}: dataset \"offsets\" runs from {} to {}, {} says 0 to {}; {}", path_,
                  offsets_.front(), offsets_.back(), kCorpusIndexName, shard_.steps, kRemedy);
  }
}

std::span<const std::byte> ShardReader::Inputs(Index record) {
  ReadRecord(inputs_, record);
  if (const auto bad = FindBadInput(info_, inputs_.bytes)) {
    throw BadData("{}: has {} at step {}, allowed: {}; {}", Where(inputs_, record), bad->found,
                  bad->step, bad->allowed, kRemedy);
  }
  return inputs_.bytes;
}

std::span<const std::byte> ShardReader::Targets(Index record) {
  ReadRecord(targets_, record);
  const Index classes = static_cast<Index>(info_.classes.size());
  if (const auto bad = FindBadTarget(targets_.spec, targets_.bytes, classes)) {
    throw BadData("{}: has {} at step {}, allowed: {}; {}", Where(targets_, record), bad->found,
                  bad->step, bad->allowed, kRemedy);
  }
  return targets_.bytes;
}

void ShardReader::ReadRecord(Field& field, Index record) {
  LOCKSTEP_CHECK(record >= 0 && record < sequences());
  if (!is_open()) Open();
  const Index step_bytes = StepBytes(field.spec);
  field.bytes.reserve(static_cast<std::size_t>(shard_.longest * step_bytes));
  field.bytes.resize(static_cast<std::size_t>(Length(record) * step_bytes));
  file_->ReadAt(field.file_offset + offsets_[At(record)] * step_bytes, field.bytes);
  if (RecordChecksum(field.bytes, SampleId(record)) != field.checksums[At(record)]) {
    throw BadData("{}: checksum does not match: the bytes are damaged; {}", Where(field, record),
                  kRemedy);
  }
}

std::string ShardReader::Where(const Field& field, Index record) const {
  return fmt::format("{}: dataset \"{}\" record {} (sample {})", path_, field.name, record,
                     SampleId(record));
}

void VerifyShard(const std::string& folder, const CorpusInfo& info, const ShardInfo& shard) {
  ShardReader reader(folder, info, shard);
  for (Index record = 0; record < reader.sequences(); ++record) {
    reader.Inputs(record);
    reader.Targets(record);
  }
}

}  // namespace lockstep
