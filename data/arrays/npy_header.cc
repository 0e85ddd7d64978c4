#include "data/arrays/npy_header.h"

#include <bit>
#include <charconv>
#include <string_view>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMostDimensions = 32;

// Reads the dictionary of Python that a header is, for example
//   {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class HeaderReader {
 public:
  HeaderReader(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  NpyHeader Read() {
    bool has_type = false, has_order = false, has_shape = false;
    Expect('{');
    while (!Take('}')) {
      const std::string key = TakeText();
      Expect(':');
      if (key == "descr") {
        header_.type = TypeOf(TakeDescription());
        has_type = true;
      } else if (key == "fortran_order") {
        column_order_ = TakeTruth();
        has_order = true;
      } else if (key == "shape") {
        TakeShape();
        has_shape = true;
      } else {
        Fail(fmt::format("names \"{}\"", key));
      }
      if (!Take(',') && !Peek('}')) Fail("has no comma between two entries");
    }
    if (!has_type || !has_order || !has_shape) Fail("lacks descr, fortran_order or shape");
    // One dimension, or none, is the same in either order.
    if (column_order_ && header_.shape.size() > 1) {
      throw BadData(
          "{}: the values are in column order (Fortran); save them with "
          "numpy.save(file, numpy.ascontiguousarray(values))",
          name_);
    }
    return header_;
  }

 private:
  [[noreturn]] void Fail(const std::string& what) const {
    throw BadData("{}: the .npy header {}; save the array again with numpy.save", name_, what);
  }
  void SkipBlanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size())); }
  bool Peek(char c) {
    SkipBlanks();
    return rest_.starts_with(c);
  }
  bool Take(char c) {
    if (!Peek(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void Expect(char c) {
    if (!Take(c)) Fail(fmt::format("has no '{}' where one must be", c));
  }

  std::string TakeText() {
    const char quote = Peek('"') ? '"' : '\'';
    Expect(quote);
    const std::size_t end = rest_.find(quote);
    if (end == rest_.npos) Fail("has a text without an end");
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return text;
  }

  std::string TakeDescription() {
    if (!Peek('[')) return TakeText();
    throw BadData("{}: holds records with fields (a structured type); save each field as an array",
                  name_);
  }

  bool TakeTruth() {
    SkipBlanks();
    for (const std::string_view word : {"True", "False"}) {
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return word == "True";
    }
    Fail("has a fortran_order that is neither True nor False");
  }

  void TakeShape() {
    Expect('(');
    while (!Take(')')) {
      SkipBlanks();
      Index extent = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), extent);
      if (error != std::errc() || extent < 0) Fail("has an extent that is no whole number");
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      header_.shape.push_back(extent);
      if (header_.shape.size() > kMostDimensions) Fail("has more than 32 dimensions");
      if (!Take(',') && !Peek(')')) Fail("has no comma between two extents");
    }
  }

  // "<f4": byte order, kind, bytes.
  NumberType TypeOf(const std::string& text) const {
    NumberType type;
    Index bytes = 0;
    const bool fits = text.size() == 3 && std::string_view("<>=|").find(text[0]) != text.npos &&
                      text[2] >= '1' && text[2] <= '8';
    if (fits) bytes = text[2] - '0';
    type.kind = fits ? text[1] : '?';
    type.bytes = bytes;
    const bool is_power = std::has_single_bit(static_cast<std::uint64_t>(bytes));
    const bool is_real = type.kind == 'f' && (bytes == 2 || bytes == 4 || bytes == 8);
    const bool is_whole = (type.kind == 'i' || type.kind == 'u') && is_power;
    if (!is_real && !is_whole && !(type.kind == 'b' && bytes == 1)) {
      throw BadData(
          "{}: holds values of the type {}; allowed are float16, float32, float64, integers and "
          "bool: save "
          "values.astype(\"float32\"), and texts as numbers of classes",
          name_, text);
    }
    constexpr bool kIsLittle = std::endian::native == std::endian::little;
    type.swapped = bytes > 1 && text[0] == (kIsLittle ? '>' : '<');
    return type;
  }

  std::string_view rest_;
  const std::string& name_;
  NpyHeader header_;
  bool column_order_ = false;
};

Index LittleEndian(std::string_view bytes) {
  Index value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

}  // namespace

NpyHeader ParseNpyHeader(std::span<const std::byte> start, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  const auto fail = [&](const std::string& what) {
    throw BadData("{}: {}; save the array again with numpy.save", name, what);
  };
  if (!text.starts_with(kMagic)) fail("is no .npy array: it does not begin with \\x93NUMPY");
  if (text.size() < 12) fail(fmt::format("is an .npy array cut short after {} bytes", text.size()));
  const int version = static_cast<unsigned char>(text[6]);
  if (version < 1 || version > 3) fail(fmt::format("is an .npy array of version {}", version));
  const std::size_t length_bytes = version == 1 ? 2 : 4, begin = 8 + length_bytes;
  const Index length = LittleEndian(text.substr(8, length_bytes));
  if (length > static_cast<Index>(text.size() - begin)) {
    fail(fmt::format("has an .npy header of {} bytes, of which {} are there", length,
                     text.size() - begin));
  }
  NpyHeader header =
      HeaderReader(text.substr(begin, static_cast<std::size_t>(length)), name).Read();
  header.values_at = static_cast<Index>(begin) + length;
  return header;
}

Index CountOf(const std::vector<Index>& shape, Index bytes_per_value) {
  Index count = 1, bytes = 0;
  for (const Index extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(count, extent, &count)) return -1;
  }
  return __builtin_mul_overflow(count, bytes_per_value, &bytes) ? -1 : count;
}

std::string ShapeText(const std::vector<Index>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

}  // namespace lockstep
