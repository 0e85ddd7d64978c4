// Converts text of a given encoding to UTF-8, piece by piece, with iconv of the C library.
#pragma once

#include <iconv.h>

#include <optional>
#include <span>
#include <string>

namespace lockstep {

inline constexpr const char* kUtf8 = "UTF-8";

// True for "UTF-8" in any of its spellings: "utf8", "UTF-8".
bool IsUtf8Name(const std::string& encoding);

class TextDecoder {
 public:
  // UsageError if the C library does not know the encoding.
  explicit TextDecoder(const std::string& encoding);
  ~TextDecoder();
  TextDecoder(const TextDecoder&) = delete;
  TextDecoder& operator=(const TextDecoder&) = delete;

  // Appends the next piece to `utf8`; an empty piece ends the text. A character may extend over
  // several pieces. Stops at the first byte that the encoding does not allow: then bad_byte() is
  // set, and all characters before it have been appended.
  void Append(std::span<const char> piece, std::string* utf8);

  std::optional<unsigned char> bad_byte() const { return bad_byte_; }

 private:
  void Convert(char** in, std::size_t* in_bytes, std::string* utf8);

  iconv_t converter_;
  std::string pending_;  // bytes of the last, still incomplete character
  std::optional<unsigned char> bad_byte_;
};

}  // namespace lockstep
