#include "data/shard_reader.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "data/record.h"
#include "data/shard_writer.h"

namespace lockstep {
namespace {

constexpr const char* kRemedy = "restore the file or prepare the corpus again";

std::string ShapeText(const std::vector<Index>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

}  // namespace

ShardReader::ShardReader(const std::string& folder, const CorpusInfo& info, const ShardInfo& shard)
    : path_(folder + "/" + shard.file),
      info_(info),
      shard_(shard),
      inputs_{"inputs", info.inputs, {}, {}},
      targets_{"targets", info.targets, {}, {}} {
  Open();
  ReadTables();
}

// The shape is compared with the index before memory is taken for the values.
template <typename T>
std::vector<T> ShardReader::ReadTable(const Hdf5File& file, const std::string& name,
                                      Index count) const {
  const DatasetInfo found = file.Info(name);
  if (found.shape != std::vector<Index>{count}) {
    throw BadData("{}: dataset \"{}\" has shape {}, {} says {}; {}", path_, name,
                  ShapeText(found.shape), kCorpusIndexName, ShapeText({count}), kRemedy);
  }
  return file.Read<T>(name);
}

// The size is compared first: it finds a truncated file without asking HDF5.
void ShardReader::Open() {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path_, error);
  if (error) throw MissingInput("cannot open shard {}: {}; {}", path_, error.message(), kRemedy);
  if (bytes != static_cast<std::uintmax_t>(shard_.bytes)) {
    throw BadData("{}: has {} bytes, {} says {}; {}", path_, bytes, kCorpusIndexName, shard_.bytes,
                  kRemedy);
  }
  Hdf5File file = Hdf5File::Open(path_);
  const std::int32_t version = ReadTable<std::int32_t>(file, "format_version", 1)[0];
  if (version != kCorpusFormatVersion) {
    throw BadData("{}: format version {}, this program reads {}; {}", path_, version,
                  kCorpusFormatVersion, kRemedy);
  }
  Hdf5File::Dataset inputs = OpenField(file, inputs_);
  Hdf5File::Dataset targets = OpenField(file, targets_);
  open_.emplace(OpenFile{std::move(file), std::move(inputs), std::move(targets)});
}

Hdf5File::Dataset ShardReader::OpenField(const Hdf5File& file, const Field& field) const {
  Hdf5File::Dataset dataset = file.OpenDataset(field.name);
  const DatasetInfo& found = dataset.info();
  const std::vector<Index> shape = FieldShape(field.spec, shard_.steps);
  if (found.type != field.spec.type || found.shape != shape) {
    throw BadData("{}: dataset \"{}\" is {} {}, {} says {} {}; {}", path_, field.name,
                  ElementName(found.type), ShapeText(found.shape), kCorpusIndexName,
                  ElementName(field.spec.type), ShapeText(shape), kRemedy);
  }
  return dataset;
}

void ShardReader::ReadTables() {
  offsets_ = ReadTable<std::int64_t>(open_->file, "offsets", shard_.sequences + 1);
  sample_ids_ = ReadTable<std::uint64_t>(open_->file, "sample_ids", shard_.sequences);
  inputs_.checksums = ReadTable<std::uint64_t>(open_->file, "inputs_checksums", shard_.sequences);
  targets_.checksums = ReadTable<std::uint64_t>(open_->file, "targets_checksums", shard_.sequences);
  const std::string computed =
      TableHash(offsets_, sample_ids_, inputs_.checksums, targets_.checksums);
  if (computed != shard_.table_hash) {
    throw BadData(
        "{}: datasets \"offsets\", \"sample_ids\", \"inputs_checksums\" and \"targets_checksums\" "
        "have the hash {}, {} says {}: a table is damaged, or the shard is of another corpus; {}",
        path_, computed, kCorpusIndexName, shard_.table_hash, kRemedy);
  }
  CheckOffsets();
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
  if (!is_open()) Open();
  ReadRecord(open_->inputs, inputs_, record);
  if (const auto bad = FindBadInput(info_, inputs_.bytes)) {
    throw BadData("{}: has {} at step {}, allowed: {}; {}", Where(inputs_, record), bad->found,
                  bad->step, bad->allowed, kRemedy);
  }
  return inputs_.bytes;
}

std::span<const std::byte> ShardReader::Targets(Index record) {
  if (!is_open()) Open();
  ReadRecord(open_->targets, targets_, record);
  const Index classes = static_cast<Index>(info_.classes.size());
  if (const auto bad = FindBadTarget(targets_.spec, targets_.bytes, classes)) {
    throw BadData("{}: has {} at step {}, allowed: {}; {}", Where(targets_, record), bad->found,
                  bad->step, bad->allowed, kRemedy);
  }
  return targets_.bytes;
}

void ShardReader::ReadRecord(const Hdf5File::Dataset& dataset, Field& field, Index record) const {
  LOCKSTEP_CHECK(record >= 0 && record < sequences());
  field.bytes.resize(static_cast<std::size_t>(Length(record) * StepBytes(field.spec)));
  dataset.ReadRows(offsets_[At(record)], Length(record), field.bytes.data());
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
