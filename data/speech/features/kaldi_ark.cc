// Layouts as in Kaldi's matrix/kaldi-matrix.cc and matrix/compressed-matrix.{h,cc}; all numbers are
// little-endian. After the mark "\0B" and a token:
//   FM, DM   int8 4, int32 rows, int8 4, int32 columns, then the elements by rows
//   CM*      float min_value, float range, int32 rows, int32 columns, then
//     CM     4 x uint16 a column (percentiles 0, 25, 75, 100), then uint8 by columns
//     CM2    uint16 by rows: min_value + range * v / 65535
//     CM3    uint8 by rows:  min_value + range * v / 255
#include "data/speech/features/kaldi_ark.h"

#include <array>
#include <bit>
#include <cstring>

#include "base/error.h"
#include "base/raw_file.h"

namespace lockstep {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr Index kMostBytes = Index{1} << 31;

enum class Layout { kFloat, kDouble, kPercentiles, kTwoBytes, kOneByte };

struct Header {
  Layout layout = Layout::kFloat;
  float min_value = 0;
  float range = 0;
  Index rows = 0;
  Index columns = 0;
  Index data_offset = 0;
  Index data_bytes = 0;
};

// Reads a header from front to back, and never beyond the end of the file.
class HeaderReader {
 public:
  HeaderReader(const RawFile& file, Index offset)
      : file_(file), offset_(offset), file_bytes_(file.SizeBytes()), begin_(offset) {}

  template <typename T>
  T Take() {
    T value;
    if (offset_ < 0 || offset_ > file_bytes_ - static_cast<Index>(sizeof(T))) {
      Fail(fmt::format("the file ends at byte {}, inside the header of a matrix", file_bytes_));
    }
    file_.ReadAt(offset_, std::as_writable_bytes(std::span(&value, 1)));
    offset_ += static_cast<Index>(sizeof(T));
    return value;
  }
  // Reads a size, which is preceded by a byte that says that it has four bytes.
  Index TakeSize() {
    const auto width = Take<std::int8_t>();
    if (width != 4) Fail(fmt::format("a size of {} bytes where 4 are expected", int{width}));
    return Take<std::int32_t>();
  }
  // Reads a token up to the blank that ends it.
  std::string TakeToken() {
    std::string token;
    for (char c = Take<char>(); c != ' '; c = Take<char>()) {
      token += c;
      if (token.size() > 8) Fail("no matrix begins there");
    }
    return token;
  }
  [[noreturn]] void Fail(const std::string& problem) const {
    throw BadData("{}: at offset {}: {}", file_.path(), begin_, problem);
  }
  Index offset() const { return offset_; }
  Index file_bytes() const { return file_bytes_; }

 private:
  const RawFile& file_;
  Index offset_;
  Index file_bytes_;
  Index begin_;
};

Layout LayoutOf(const std::string& token, const HeaderReader& reader) {
  if (token == "FM") return Layout::kFloat;
  if (token == "DM") return Layout::kDouble;
  if (token == "CM") return Layout::kPercentiles;
  if (token == "CM2") return Layout::kTwoBytes;
  if (token == "CM3") return Layout::kOneByte;
  reader.Fail(
      fmt::format("an object of kind \"{}\"; allowed are the matrices FM DM CM CM2 CM3", token));
}

Index DataBytes(const Header& header) {
  const Index elements = header.rows * header.columns;
  switch (header.layout) {
    case Layout::kFloat:
      return 4 * elements;
    case Layout::kDouble:
      return 8 * elements;
    case Layout::kPercentiles:
      return 8 * header.columns + elements;
    case Layout::kTwoBytes:
      return 2 * elements;
    case Layout::kOneByte:
      return elements;
  }
  return 0;
}

Header ReadHeader(const RawFile& file, Index offset) {
  HeaderReader reader(file, offset);
  if (reader.Take<char>() != '\0' || reader.Take<char>() != 'B') {
    reader.Fail("no binary matrix begins there (text archives are not read)");
  }
  Header header;
  header.layout = LayoutOf(reader.TakeToken(), reader);
  if (header.layout == Layout::kFloat || header.layout == Layout::kDouble) {
    header.rows = reader.TakeSize();
    header.columns = reader.TakeSize();
  } else {
    header.min_value = reader.Take<float>();
    header.range = reader.Take<float>();
    header.rows = reader.Take<std::int32_t>();
    header.columns = reader.Take<std::int32_t>();
  }
  if (header.rows < 0 || header.columns < 0) {
    reader.Fail(fmt::format("a matrix of {} rows and {} columns", header.rows, header.columns));
  }
  header.data_offset = reader.offset();
  const Index left = reader.file_bytes() - header.data_offset;
  // The first comparison keeps the second from overflowing.
  const bool fits = header.rows * header.columns <= left && header.columns <= left;
  header.data_bytes = fits ? DataBytes(header) : 0;
  if (!fits || header.data_bytes > left) {
    reader.Fail(
        fmt::format("a matrix of {} x {} does not fit in the {} bytes that are left: the "
                    "file is cut short",
                    header.rows, header.columns, left));
  }
  if (4 * header.rows * header.columns > kMostBytes) {
    reader.Fail(
        fmt::format("a matrix of {} x {} is more than 2^31 bytes", header.rows, header.columns));
  }
  return header;
}

template <typename T>
T At(const std::vector<std::byte>& bytes, Index index) {
  T value;
  std::memcpy(&value, bytes.data() + index * static_cast<Index>(sizeof(T)), sizeof(T));
  return value;
}

// Interpolates between percentiles: 64 steps from the lowest to the 25th, 128 to the 75th, 63 to
// the highest.
float FromPercentiles(const std::array<float, 4>& p, std::uint8_t value) {
  const float at = value;
  if (at <= 64) return static_cast<float>(p[0] + (p[1] - p[0]) * at * (1 / 64.0));
  if (at <= 192) return static_cast<float>(p[1] + (p[2] - p[1]) * (at - 64) * (1 / 128.0));
  return static_cast<float>(p[2] + (p[3] - p[2]) * (at - 192) * (1 / 63.0));
}

void DecodePercentiles(const Header& header, const std::vector<std::byte>& bytes,
                       std::vector<float>& values) {
  for (Index c = 0; c < header.columns; ++c) {
    std::array<float, 4> percentiles;
    for (Index i = 0; i < 4; ++i) {
      percentiles[static_cast<std::size_t>(i)] = static_cast<float>(
          header.min_value + header.range * (1 / 65535.0) * At<std::uint16_t>(bytes, 4 * c + i));
    }
    for (Index r = 0; r < header.rows; ++r) {
      const auto value = At<std::uint8_t>(bytes, 8 * header.columns + c * header.rows + r);
      values[static_cast<std::size_t>(r * header.columns + c)] =
          FromPercentiles(percentiles, value);
    }
  }
}

std::vector<float> Decode(const Header& header, const std::vector<std::byte>& bytes) {
  const Index elements = header.rows * header.columns;
  std::vector<float> values(static_cast<std::size_t>(elements));
  const auto fill = [&](auto element) {
    for (Index i = 0; i < elements; ++i) values[static_cast<std::size_t>(i)] = element(i);
  };
  const double range = header.range;
  switch (header.layout) {
    case Layout::kFloat:
      fill([&](Index i) { return At<float>(bytes, i); });
      break;
    case Layout::kDouble:
      fill([&](Index i) { return static_cast<float>(At<double>(bytes, i)); });
      break;
    case Layout::kPercentiles:
      DecodePercentiles(header, bytes, values);
      break;
    case Layout::kTwoBytes:
      fill([&](Index i) {
        return static_cast<float>(header.min_value +
                                  range * (1 / 65535.0) * At<std::uint16_t>(bytes, i));
      });
      break;
    case Layout::kOneByte:
      fill([&](Index i) {
        return static_cast<float>(header.min_value +
                                  range * (1 / 255.0) * At<std::uint8_t>(bytes, i));
      });
      break;
  }
  return values;
}

}  // namespace

FeatureMatrix ReadKaldiMatrix(const std::string& path, Index offset) {
  const RawFile file = RawFile::OpenForReading(path);
  const Header header = ReadHeader(file, offset);
  std::vector<std::byte> bytes(static_cast<std::size_t>(header.data_bytes));
  file.ReadAt(header.data_offset, bytes);
  return {header.rows, header.columns, Decode(header, bytes)};
}

MatrixShape KaldiMatrixShape(const std::string& path, Index offset) {
  const Header header = ReadHeader(RawFile::OpenForReading(path), offset);
  return {header.rows, header.columns};
}

}  // namespace lockstep
