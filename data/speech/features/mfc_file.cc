#include "data/speech/features/mfc_file.h"

#include <bit>
#include <vector>

#include "base/error.h"
#include "base/raw_file.h"

namespace lockstep {
namespace {

std::uint32_t Swap(std::uint32_t v) {
  return (v >> 24) | ((v >> 8) & 0xff00u) | ((v << 8) & 0xff0000u) | (v << 24);
}

struct MfcHeader {
  MatrixShape shape;
  bool swap = true;
};

MfcHeader ReadHeader(const RawFile& file, Index columns) {
  const Index bytes = file.SizeBytes();
  std::uint32_t raw = 0;
  if (bytes < 4) throw BadData("{}: has {} bytes, too few for a feature file", file.path(), bytes);
  file.ReadAt(0, std::as_writable_bytes(std::span(&raw, 1)));
  const auto fits = [&](std::uint32_t count) { return 4 + 4 * Index{count} == bytes; };
  if (!fits(raw) && !fits(Swap(raw))) {
    throw BadData(
        "{}: says it holds {} floats, which would be {} bytes, and has {}: it is cut "
        "short or no feature file",
        file.path(), Swap(raw), 4 + 4 * Index{Swap(raw)}, bytes);
  }
  const Index floats = bytes / 4 - 1;
  if (floats % columns != 0) {
    throw BadData("{}: holds {} floats, no whole number of frames of {}", file.path(), floats,
                  columns);
  }
  return {{floats / columns, columns}, fits(Swap(raw))};
}

}  // namespace

MatrixShape MfcShape(const std::string& path, Index columns) {
  return ReadHeader(RawFile::OpenForReading(path), columns).shape;
}

FeatureMatrix ReadMfcFile(const std::string& path, Index columns) {
  const RawFile file = RawFile::OpenForReading(path);
  const MfcHeader header = ReadHeader(file, columns);
  std::vector<std::uint32_t> raw(static_cast<std::size_t>(header.shape.rows * columns));
  file.ReadAt(4, std::as_writable_bytes(std::span(raw)));
  FeatureMatrix matrix{header.shape.rows, columns, {}};
  matrix.values.reserve(raw.size());
  for (const std::uint32_t v : raw) {
    matrix.values.push_back(std::bit_cast<float>(header.swap ? Swap(v) : v));
  }
  return matrix;
}

}  // namespace lockstep
