// Bytes of a declared encoding to UTF-8, piece by piece, by the C library's iconv.
#pragma once

#include <iconv.h>

#include <optional>
#include <span>
#include <string>

namespace lockstep {

inline constexpr const char* kUtf8 = "UTF-8";

// "UTF-8" in any of its spellings: "utf8", "UTF-8".
bool IsUtf8Name(const std::string& encoding);

class TextDecoder {
 public:
  // UsageError when the C library knows no such encoding.
  explicit TextDecoder(const std::string& encoding);
  ~TextDecoder();
  TextDecoder(const TextDecoder&) = delete;
  TextDecoder& operator=(const TextDecoder&) = delete;

  // Appends the next piece as UTF-8; an empty piece ends the text. A character may lie across
  // pieces. Stops at the first byte that the encoding does not allow: bad_byte() is set then, and
  // what stood before it has been appended.
  void Append(std::span<const char> piece, std::string* utf8);

  std::optional<unsigned char> bad_byte() const { return bad_byte_; }

 private:
  void Convert(char** in, std::size_t* in_bytes, std::string* utf8);

  iconv_t converter_;
  std::string pending_;  // bytes of the last, still incomplete character
  std::optional<unsigned char> bad_byte_;
};

}  // namespace lockstep
