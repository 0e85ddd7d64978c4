#include "checkpoint/safetensors.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/characters.h"
#include "base/durable_file.h"
#include "base/error.h"

namespace lockstep {
namespace {

template <typename T>
T LittleEndian(const std::byte* bytes) {
  static_assert(std::endian::native == std::endian::little);
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

float FromHalf(const std::byte* bytes) {
  const auto bits = LittleEndian<std::uint16_t>(bytes);
  const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  const float sign = (bits & 0x8000) != 0 ? -1.0F : 1.0F;
  if (exponent == 31) {
    return mantissa != 0 ? std::numeric_limits<float>::quiet_NaN()
                         : sign * std::numeric_limits<float>::infinity();
  }
  // Below the smallest normal number there is no leading one (IEEE 754 binary16).
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -24);
  return sign * std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
}

float FromBfloat16(const std::byte* bytes) {
  return std::bit_cast<float>(std::uint32_t{LittleEndian<std::uint16_t>(bytes)} << 16);
}

float FromDouble(const std::byte* bytes) { return static_cast<float>(LittleEndian<double>(bytes)); }

struct FloatType {
  const char* name;
  float (*convert)(const std::byte*);
};
constexpr FloatType kFloatTypes[] = {
    {"F32", LittleEndian<float>}, {"F64", FromDouble}, {"F16", FromHalf}, {"BF16", FromBfloat16}};

}  // namespace

SafetensorsFile SafetensorsFile::Open(const std::string& path) {
  SafetensorsFile found(RawFile::OpenForReading(path));
  const Index size = found.file_.SizeBytes(), room = size - kSafetensorsLengthBytes;
  if (room < 0) {
    FailSafetensors(path, fmt::format("it has {} bytes, its header alone has more", size));
  }
  std::byte length[kSafetensorsLengthBytes];
  found.file_.ReadAt(0, length);
  const auto bytes = LittleEndian<std::uint64_t>(length);
  if (bytes > static_cast<std::uint64_t>(std::min(room, kMostSafetensorsHeaderBytes))) {
    FailSafetensors(path,
                    fmt::format("it says that its header has {} bytes; the file has {}, and at "
                                "most {} are allowed",
                                bytes, size, kMostSafetensorsHeaderBytes));
  }
  std::string text(bytes, '\0');
  found.file_.ReadAt(kSafetensorsLengthBytes, std::as_writable_bytes(std::span(text)));
  found.header_ = ReadSafetensorsHeader(path, text, size);
  return found;
}

std::vector<float> SafetensorsFile::ReadFloats(const std::string& name) const {
  const TensorInfo& info = tensors().at(name);
  const auto type = std::ranges::find_if(
      kFloatTypes, [&](const FloatType& row) { return info.dtype == row.name; });
  if (type == std::end(kFloatTypes)) {
    throw BadData("{}: tensor {} has the type {}; parameters are F32, F64, F16 or BF16", path(),
                  Printable(name), info.dtype);
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(info.end - info.begin));
  file_.ReadAt(info.begin, bytes);
  std::vector<float> values(static_cast<std::size_t>(info.count()));
  const std::size_t stride = values.empty() ? 0 : bytes.size() / values.size();
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = type->convert(bytes.data() + i * stride);
  }
  return values;
}

void WriteSafetensors(const std::string& path, const std::map<std::string, std::string>& metadata,
                      std::span<const ArrayView> arrays) {
  const std::vector<std::byte> header = BuildSafetensorsHeader(metadata, arrays);
  std::vector<std::span<const std::byte>> pieces = {header};
  for (const ArrayView& array : arrays) {
    const Index bytes = TensorInfo{"F32", array.shape}.count() * ElementBytes(array.type);
    pieces.emplace_back(static_cast<const std::byte*>(array.values),
                        static_cast<std::size_t>(bytes));
  }
  WriteDurably(path, pieces);
}

}  // namespace lockstep
