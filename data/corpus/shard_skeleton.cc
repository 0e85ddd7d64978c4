// HDF5 chooses where arrays lie, and base/hdf5_file.h does not tell. So each array is first written
// as a stencil, random bytes followed by zeros, and the random bytes are looked for in the file.
// Short stencils can be there twice by chance; then others are drawn. A function in base that gives
// H5Dget_offset would replace all of this file but WriteDatasets.
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

namespace lockstep {
namespace {

constexpr Index kStencilBytes = 32;

struct Array {
  const char* name;
  ElementType type;
  std::vector<Index> shape;
  Index ShardPlaces::*place;

  Index bytes() const {
    return std::accumulate(shape.begin(), shape.end(), ElementBytes(type), std::multiplies<>());
  }
  Index stencil_bytes() const { return std::min(kStencilBytes, bytes()); }
};

// A step of one element has no axis of its own.
std::vector<Index> FieldShape(const FieldSpec& field, Index steps) {
  if (field.width == 1) return {steps};
  return {steps, field.width};
}

std::vector<Array> ArraysOf(const CorpusInfo& info, const ShardSizes& sizes) {
  using P = ShardPlaces;
  const Index sequences = sizes.sequences;
  std::vector<Array> arrays = {
      {"offsets", ElementType::kInt64, {sequences + 1}, &P::offsets},
      {"sample_ids", ElementType::kUint64, {sequences}, &P::sample_ids},
      {"inputs_checksums", ElementType::kUint64, {sequences}, &P::inputs_checksums},
      {"targets_checksums", ElementType::kUint64, {sequences}, &P::targets_checksums},
      {"inputs", info.inputs.type, FieldShape(info.inputs, sizes.steps), &P::inputs},
      {"targets", info.targets.type, FieldShape(info.targets, sizes.targets), &P::targets}};
  if (!info.targets_per_step) {
    arrays.push_back({"target_offsets", ElementType::kInt64, {sequences + 1}, &P::target_offsets});
  }
  if (info.has_names) {
    arrays.push_back({"names", ElementType::kUint8, {sizes.name_bytes}, &P::names});
    arrays.push_back({"name_offsets", ElementType::kInt64, {sequences + 1}, &P::name_offsets});
  }
  return arrays;
}

using Stencil = std::array<std::byte, kStencilBytes>;

// No CounterRng: nobody sees these bytes, so they are no draw of the numerics.
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

// Where these bytes are, unless they are there twice.
std::optional<Index> FindOnly(std::span<const std::byte> file, std::span<const std::byte> bytes) {
  const auto find = [&](std::size_t from) {
    return static_cast<const std::byte*>(
        ::memmem(file.data() + from, file.size() - from, bytes.data(), bytes.size()));
  };
  const std::byte* first = find(0);
  LOCKSTEP_CHECK(first != nullptr);
  const Index offset = first - file.data();
  if (find(static_cast<std::size_t>(offset) + 1) != nullptr) return std::nullopt;
  return offset;
}

std::optional<ShardPlaces> FindPlaces(const std::string& path, const std::vector<Array>& arrays,
                                      const std::vector<Stencil>& stencils) {
  const std::vector<std::byte> file = ReadBytes(path);
  ShardPlaces places;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const auto bytes = static_cast<std::size_t>(arrays[i].stencil_bytes());
    if (bytes == 0) continue;  // an empty array is nowhere: offset 0
    const std::optional<Index> place = FindOnly(file, std::span(stencils[i]).first(bytes));
    if (!place) return std::nullopt;
    places.*arrays[i].place = *place;
  }
  return places;
}

}  // namespace

ShardPlaces CreateShardSkeleton(const std::string& path, const CorpusInfo& info,
                                const ShardSizes& sizes) {
  const std::vector<Array> arrays = ArraysOf(info, sizes);
  constexpr std::uint64_t kMostAttempts = 1000;  // one is enough from 8 bytes up
  for (std::uint64_t attempt = 0; attempt < kMostAttempts; ++attempt) {
    std::vector<Stencil> stencils;
    for (std::size_t i = 0; i < arrays.size(); ++i) stencils.push_back(DrawStencil(attempt, i));
    WriteDatasets(path, FormatVersionOf(info), arrays, stencils);
    if (const auto places = FindPlaces(path, arrays, stencils)) return *places;
  }
  throw IoError(fmt::format("cannot lay out {}: its arrays were not found in {} attempts", path,
                            kMostAttempts));
}

}  // namespace lockstep
