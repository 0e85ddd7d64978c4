#include "base/text_decoder.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>

#include "base/error.h"

namespace lockstep {
namespace {

// True if a name has only letters, digits and the signs that occur in names of encodings. "/" is
// not allowed, because iconv reads options after it, such as to skip bad bytes.
bool IsEncodingName(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == ':' || c == '+';
  });
}

iconv_t Open(const std::string& encoding) {
  // The value is iconv_open's own word for a failure: there is no pointer behind it.
  const iconv_t none = reinterpret_cast<iconv_t>(-1);  // NOLINT(performance-no-int-to-ptr)
  const iconv_t converter = IsEncodingName(encoding) ? iconv_open(kUtf8, encoding.c_str()) : none;
  if (converter == none) {
    throw UsageError(
        "--encoding is \"{}\", which this system does not know; allowed are the names that "
        "`iconv -l` prints, for example UTF-8, ISO-8859-1, windows-1252, UTF-16",
        encoding);
  }
  return converter;
}

}  // namespace

bool IsUtf8Name(const std::string& encoding) {
  std::string name;
  for (const char c : encoding) {
    if (c != '-') name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return name == "utf8";
}

TextDecoder::TextDecoder(const std::string& encoding) : converter_(Open(encoding)) {}

TextDecoder::~TextDecoder() { iconv_close(converter_); }

void TextDecoder::Append(std::span<const char> piece, std::string* utf8) {
  if (bad_byte_) return;
  const bool last = piece.empty();
  pending_.append(piece.data(), piece.size());
  char* in = pending_.data();
  std::size_t in_bytes = pending_.size();
  Convert(&in, &in_bytes, utf8);
  // The remaining bytes are the beginning of a character, which is an error only at the end.
  if (last && in_bytes > 0 && !bad_byte_) bad_byte_ = static_cast<unsigned char>(*in);
  if (last && !bad_byte_) Convert(nullptr, nullptr, utf8);
  pending_.erase(0, pending_.size() - in_bytes);
}

// Converts all whole characters. If `in` is null, appends what the converter has held back;
// converters of encodings with combining accents do that.
void TextDecoder::Convert(char** in, std::size_t* in_bytes, std::string* utf8) {
  std::array<char, 1 << 14> out;
  for (bool full = true; full;) {
    char* to = out.data();
    std::size_t room = out.size();
    const std::size_t result = iconv(converter_, in, in_bytes, &to, &room);
    const int error = result == static_cast<std::size_t>(-1) ? errno : 0;
    utf8->append(out.data(), out.size() - room);
    full = error == E2BIG;
    if (error == EILSEQ) bad_byte_ = static_cast<unsigned char>(**in);
  }
}

}  // namespace lockstep
