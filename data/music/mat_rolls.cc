// Reads the cell arrays traindata, validdata and testdata of a MATLAB 5 file ("MAT-File Format",
// The MathWorks, chapter 1): each cell is a matrix [steps, 88] of 0 and 1, column by column, in any
// numeric type, packed (zlib) or not. Other variables are passed over. No size in the file is
// trusted: a part may not be longer than the part that it is in, and memory is taken only for the
// steps of one piece, of which there may be kMostSteps.
#include <fmt/format.h>

#include <array>
#include <cstring>
#include <limits>
#include <vector>

#include "base/error.h"
#include "data/music/byte_stream.h"
#include "data/music/roll_files.h"

namespace lockstep {
namespace {

constexpr Index kHeaderBytes = 128, kTagBytes = 8;
constexpr std::uint32_t kMatrix = 14, kCompressed = 15;  // types of parts
constexpr std::uint32_t kInt8 = 1, kInt32 = 5, kUint32 = 6;
constexpr std::uint32_t kCell = 1;  // classes of matrices: 6 to 15 are numeric
constexpr std::uint32_t kFirstNumeric = 6, kLastNumeric = 15;

// The tag of a part of the file.
struct Tag {
  std::uint32_t type = 0;
  Index bytes = 0;
  Index end = 0;  // position behind the part and its padding
};

// Bytes of an element of a numeric type; 0 for a type that is none.
Index ElementBytesOf(std::uint32_t type) {
  constexpr std::array<Index, 14> kBytes = {0, 1, 1, 2, 2, 4, 4, 4, 0, 8, 0, 0, 8, 8};
  return type < kBytes.size() ? kBytes[type] : 0;
}

template <typename T>
double As(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return static_cast<double>(value);
}

double NumberOf(std::uint32_t type, const std::byte* bytes) {
  switch (type) {
    case 1:
      return As<std::int8_t>(bytes);
    case 2:
      return As<std::uint8_t>(bytes);
    case 3:
      return As<std::int16_t>(bytes);
    case 4:
      return As<std::uint16_t>(bytes);
    case 5:
      return As<std::int32_t>(bytes);
    case 6:
      return As<std::uint32_t>(bytes);
    case 7:
      return As<float>(bytes);
    case 9:
      return As<double>(bytes);
    case 12:
      return As<std::int64_t>(bytes);
    default:
      return As<std::uint64_t>(bytes);
  }
}

// The variable at the beginning of a stream.
class MatVariable {
 public:
  MatVariable(ByteStream* in, VisitRoll visit) : in_(*in), visit_(visit) {}

  // A whole variable, of which the pieces are visited if it is one of the three.
  void Read() {
    const Tag matrix = ReadTag(std::numeric_limits<Index>::max());
    if (matrix.type != kMatrix)
      Fail(fmt::format("there is a part of type {}, where a variable (14) must be", matrix.type));
    const Head head = ReadHead(matrix);
    constexpr std::string_view kSuffix = "data";
    const bool has_suffix = head.name.ends_with(kSuffix);
    const std::string stem = head.name.substr(0, head.name.size() - (has_suffix ? 4 : 0));
    DataSplit split{};
    if (!has_suffix || !SplitFromName(stem, &split)) return SkipTo(matrix.end);
    if (head.class_id != kCell) Fail(fmt::format("the variable {} is no cell array", head.name));
    for (Index cell = 0; cell < head.elements; ++cell) {
      roll_ = {fmt::format("{}:{}", stem, cell), {}};
      ReadCell(matrix.end);
      visit_(split, roll_);
    }
    SkipTo(matrix.end);
  }

 private:
  struct Head {
    std::uint32_t class_id = 0;
    std::vector<std::int32_t> shape = {};
    Index elements = 0;
    std::string name = {};
  };

  [[noreturn]] void Fail(const std::string& what) const {
    throw BadData("{}: before {}{}, {}; docs/music.md shows the format", in_.path(), in_.Place(),
                  roll_.name.empty() ? "" : ", in piece " + roll_.name, what);
  }

  // A part that must end at `limit` or before. Short ones have their data in their tag.
  Tag ReadTag(Index limit) {
    std::array<std::uint32_t, 2> words{};
    in_.Read(std::as_writable_bytes(std::span(words)).first(4));
    Tag tag{.type = words[0] & 0xFFFF, .bytes = words[0] >> 16, .end = in_.position() + 4};
    if (tag.bytes == 0) {
      in_.Read(std::as_writable_bytes(std::span(words)).last(4));
      tag = {words[0], words[1], in_.position() + (Index{words[1]} + 7) / 8 * 8};
    } else if (tag.bytes > 4) {
      Fail(fmt::format("a short part claims {} bytes, and can have 4", tag.bytes));
    }
    if (tag.end > limit)
      Fail(fmt::format("a part claims {} bytes, more than the part that it is in", tag.bytes));
    return tag;
  }
  void SkipTo(Index position) {
    if (position < in_.position()) Fail("a part is longer than it claims");
    in_.Skip(position - in_.position());
  }

  // The bytes of a part of at most `most` bytes.
  std::vector<std::byte> ReadPart(Index limit, Tag* tag, Index most) {
    *tag = ReadTag(limit);
    if (tag->bytes > most)
      Fail(fmt::format("a part claims {} bytes, where at most {} are expected", tag->bytes, most));
    std::vector<std::byte> bytes(static_cast<std::size_t>(tag->bytes));
    in_.Read(bytes);
    SkipTo(tag->end);
    return bytes;
  }

  // Flags, shape and name of a matrix.
  Head ReadHead(const Tag& matrix) {
    constexpr Index kMostText = 256, kMostAxes = 32;
    Head head;
    Tag tag;
    const auto flags = ReadPart(matrix.end, &tag, kTagBytes);
    if (tag.type != kUint32 || tag.bytes != kTagBytes) Fail("a matrix begins without its flags");
    head.class_id = std::to_integer<std::uint32_t>(flags[0]);
    const auto shape = ReadPart(matrix.end, &tag, kMostAxes * 4);
    if (tag.type != kInt32 || tag.bytes % 4 != 0 || tag.bytes < 8) Fail("a matrix has no shape");
    head.shape.resize(shape.size() / 4);
    std::memcpy(head.shape.data(), shape.data(), shape.size());
    head.elements = 1;
    for (const std::int32_t size : head.shape) {
      if (size < 0 || (size > 0 && head.elements > std::numeric_limits<Index>::max() / size))
        Fail(fmt::format("a matrix has the shape [{}]", fmt::join(head.shape, ", ")));
      head.elements *= size;
    }
    const auto name = ReadPart(matrix.end, &tag, kMostText);
    if (tag.type != kInt8) Fail("a matrix has no name");
    head.name.assign(reinterpret_cast<const char*>(name.data()), name.size());
    return head;
  }

  void ReadCell(Index limit) {
    const Tag matrix = ReadTag(limit);
    if (matrix.type != kMatrix) Fail("a cell holds no matrix");
    const Head head = ReadHead(matrix);
    if (head.class_id < kFirstNumeric || head.class_id > kLastNumeric)
      Fail(
          fmt::format("a cell holds a matrix of class {}; allowed are numbers that are not sparse "
                      "(6 to 15)",
                      head.class_id));
    if (head.shape.size() != 2 || head.shape[1] != static_cast<std::int32_t>(kKeys) ||
        head.shape[0] < 1 || head.shape[0] > kMostSteps) {
      Fail(fmt::format("a cell holds a matrix [{}]; allowed is [1 to {}, {}]",
                       fmt::join(head.shape, ", "), kMostSteps, kKeys));
    }
    ReadKeys(head, matrix.end);
    SkipTo(matrix.end);
  }

  // [steps, 88], the steps of each key one after another.
  void ReadKeys(const Head& head, Index limit) {
    const Tag data = ReadTag(limit);
    const Index width = ElementBytesOf(data.type);
    if (width == 0 || data.bytes != head.elements * width)
      Fail(fmt::format("{} bytes of type {} for {} numbers", data.bytes, data.type, head.elements));
    roll_.steps.resize(static_cast<std::size_t>(head.shape[0]));
    std::array<std::byte, 8> number{};
    for (std::size_t key = 0; key < kKeys; ++key) {
      for (KeySet& step : roll_.steps) {
        in_.Read(std::span(number).first(static_cast<std::size_t>(width)));
        const double value = NumberOf(data.type, number.data());
        if (value != 0 && value != 1)
          Fail(fmt::format("key {} of step {} is {}; allowed are 0 and 1", key,
                           &step - roll_.steps.data(), value));
        step.set(key, value == 1);
      }
    }
    SkipTo(data.end);
  }

  ByteStream& in_;
  VisitRoll visit_;
  PianoRoll roll_;
};

// The tag of a variable at `offset` of the file.
Tag TagAt(const RawFile& file, Index offset) {
  std::array<std::uint32_t, 2> words{};
  const Index rest = file.SizeBytes() - offset;
  if (rest >= kTagBytes) file.ReadAt(offset, std::as_writable_bytes(std::span(words)));
  const bool packed = words[0] == kCompressed;
  const Index bytes = packed ? words[1] : (Index{words[1]} + 7) / 8 * 8;
  if (rest < kTagBytes || bytes > rest - kTagBytes) {
    throw BadData(
        "{}: at byte {} a variable of {} bytes begins, but {} bytes are left; the file "
        "is cut or damaged",
        file.path(), offset, words[1], rest);
  }
  return {words[0], words[1], offset + kTagBytes + bytes};
}

// The last bytes of the header give the order of the bytes of all numbers.
void RequireLittleEndian(const RawFile& file) {
  std::array<char, 2> order{};
  if (file.SizeBytes() >= kHeaderBytes)
    file.ReadAt(kHeaderBytes - 2, std::as_writable_bytes(std::span(order)));
  if (order[0] == 'I' && order[1] == 'M') return;
  throw BadData(
      "{}: bytes 126 and 127 do not say that numbers have their lowest byte first (IM); "
      "save the file again with MATLAB, Octave or scipy.io.savemat on a usual machine",
      file.path());
}

}  // namespace

void ReadMatRolls(const std::string& path, VisitRoll visit) {
  const RawFile file = RawFile::OpenForReading(path);
  RequireLittleEndian(file);
  for (Index offset = kHeaderBytes; offset < file.SizeBytes();) {
    const Tag tag = TagAt(file, offset);
    const bool packed = tag.type == kCompressed;
    ByteStream in(file, packed ? offset + kTagBytes : offset, tag.end, packed);
    MatVariable(&in, visit).Read();
    offset = tag.end;
  }
}

}  // namespace lockstep
