// HDF5 chooses the offsets of arrays, and base/hdf5_file.h does not tell them. So each array is
// first written as a stencil, which is random bytes followed by zeros, and the random bytes are
// searched for in the file. A short stencil may occur twice by chance; then other bytes are drawn.
// A function in base that calls H5Dget_offset would replace all of this file except WriteDatasets.
#include "data/corpus/shard_skeleton.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <numeric>
#include <optional>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/hdf5_file.h"
#include "data/corpus/word_cuts.h"

namespace lockstep {
namespace {

constexpr Index kStencilBytes = 32;

struct Array {
  std::string name;
  ElementType type;
  std::vector<Index> shape;
  Index* place;  // set to its offset in the file

  Index bytes() const {
    return std::accumulate(shape.begin(), shape.end(), ElementBytes(type), std::multiplies<>());
  }
  Index stencil_bytes() const { return std::min(kStencilBytes, bytes()); }
};

// If a row has one element, the dataset has one axis only.
std::vector<Index> FieldShape(const Field& field, Index rows) {
  if (field.width == 1) return {rows};
  return {rows, field.width};
}

// All arrays of a shard. The order must not change, because the bytes of the file depend on it.
std::vector<Array> ArraysOf(const CorpusInfo& info, const ShardInfo& shard, ShardPlaces* places) {
  const Index sequences = shard.sequences;
  const std::vector<Field>& fields = info.schema.fields;
  places->fields.assign(fields.size(), {});
  std::vector<Array> arrays = {
      {"offsets", ElementType::kInt64, {sequences + 1}, &places->offsets},
      {"sample_ids", ElementType::kUint64, {sequences}, &places->sample_ids}};
  for (std::size_t f = 0; f < fields.size(); ++f) {
    arrays.push_back({DatasetsOf(info, f).checksums,
                      ElementType::kUint64,
                      {sequences},
                      &places->fields[f].checksums});
  }
  for (std::size_t f = 0; f < fields.size(); ++f) {
    arrays.push_back({fields[f].name, fields[f].type, FieldShape(fields[f], shard.fields[f].rows),
                      &places->fields[f].values});
  }
  for (std::size_t f = 0; f < fields.size(); ++f) {
    if (!HasOwnLength(fields[f])) continue;
    arrays.push_back({DatasetsOf(info, f).offsets,
                      ElementType::kInt64,
                      {sequences + 1},
                      &places->fields[f].offsets});
  }
  if (info.has_names) {
    arrays.push_back({"names", ElementType::kUint8, {shard.name_bytes}, &places->names});
    arrays.push_back({"name_offsets", ElementType::kInt64, {sequences + 1}, &places->name_offsets});
  }
  if (info.has_cuts) {
    arrays.push_back({"cuts", ElementType::kInt32, {shard.cuts, kNumbersOfCut}, &places->cuts});
    arrays.push_back({"cut_offsets", ElementType::kInt64, {sequences + 1}, &places->cut_offsets});
  }
  return arrays;
}

using Stencil = std::array<std::byte, kStencilBytes>;

// Does not use CounterRng, because these bytes are overwritten and have no influence on results.
Stencil DrawStencil(std::uint64_t attempt, std::size_t array) {
  Stencil stencil;
  for (std::size_t i = 0; i < stencil.size(); ++i) {
    const std::array<std::uint64_t, 3> key{attempt, array, i};
    stencil[i] = static_cast<std::byte>(Hash64(std::as_bytes(std::span(key))) & 0xff);
  }
  return stencil;
}

void WriteDatasets(const std::string& path, int format_version, const std::vector<Array>& arrays,
                   const std::vector<Stencil>& stencils) {
  Index largest = 0;
  for (const Array& array : arrays) largest = std::max(largest, array.bytes());
  std::vector<std::byte> values(static_cast<std::size_t>(std::max(largest, kStencilBytes)));
  const std::array<std::int32_t, 1> version{format_version};
  Hdf5File file = Hdf5File::Create(path);
  file.Write<std::int32_t>("format_version", {1}, version);
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    std::copy(stencils[i].begin(), stencils[i].end(), values.begin());
    file.WriteRaw(arrays[i].name, arrays[i].type, arrays[i].shape, values.data());
  }
  file.Close();
}

// The offset of these bytes in the file, in which they must be; nothing if they occur twice.
std::optional<Index> FindOnly(const std::string& path, std::span<const std::byte> file,
                              std::span<const std::byte> bytes) {
  const auto find = [&](std::size_t from) {
    return static_cast<const std::byte*>(
        ::memmem(file.data() + from, file.size() - from, bytes.data(), bytes.size()));
  };
  const std::byte* first = find(0);
  if (first == nullptr)
    throw IoError(
        fmt::format("cannot write {}: bytes written to it are not there; is the disk full?", path));
  const Index offset = first - file.data();
  if (find(static_cast<std::size_t>(offset) + 1) != nullptr) return std::nullopt;
  return offset;
}

// Sets the offset of each array; returns false if that of any array is not unique.
bool FindPlaces(const std::string& path, const std::vector<Array>& arrays,
                const std::vector<Stencil>& stencils) {
  const std::vector<std::byte> file = ReadBytes(path);
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const auto bytes = static_cast<std::size_t>(arrays[i].stencil_bytes());
    if (bytes == 0) continue;  // an empty array has offset 0
    const std::optional<Index> place = FindOnly(path, file, std::span(stencils[i]).first(bytes));
    if (!place) return false;
    *arrays[i].place = *place;
  }
  return true;
}

}  // namespace

DatasetNames DatasetsOf(const CorpusInfo& info, std::size_t f) {
  const std::string& name = info.schema.fields[f].name;
  // Version 2 has only one table of offsets, with another name.
  const bool is_old = FormatVersionOf(info) < 3;
  return {name, name + "_checksums", is_old ? "target_offsets" : name + "_offsets"};
}

ShardPlaces CreateShardSkeleton(const std::string& path, const CorpusInfo& info,
                                const ShardInfo& shard) {
  ShardPlaces places;
  const std::vector<Array> arrays = ArraysOf(info, shard, &places);
  constexpr std::uint64_t kMostAttempts = 1000;  // for arrays of 8 bytes or more, one is enough
  for (std::uint64_t attempt = 0; attempt < kMostAttempts; ++attempt) {
    std::vector<Stencil> stencils;
    for (std::size_t i = 0; i < arrays.size(); ++i) stencils.push_back(DrawStencil(attempt, i));
    WriteDatasets(path, FormatVersionOf(info), arrays, stencils);
    if (FindPlaces(path, arrays, stencils)) return places;
  }
  throw IoError(fmt::format("cannot lay out {}: its arrays were not found in {} attempts", path,
                            kMostAttempts));
}

}  // namespace lockstep
