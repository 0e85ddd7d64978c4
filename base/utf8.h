// UTF-8 text by code points.
#pragma once

#include <string>
#include <string_view>

namespace lockstep {

// The bytes of the first code point of the text. Empty if they are not valid UTF-8 (overlong forms
// and surrogates are not valid) or the text is empty. For callers with their own error message.
std::string_view FirstCodePoint(std::string_view text);

// Removes the first code point from the text, which must not be empty, and returns its bytes.
// BadData if they are not valid UTF-8 (overlong forms and surrogates are not valid).
std::string_view TakeCodePoint(std::string_view* text);

char32_t DecodeCodePoint(std::string_view bytes);
std::string EncodeCodePoint(char32_t code);

// Simple case mapping of Unicode, one code point to one, as the C library knows it.
char32_t ToLower(char32_t code);
char32_t ToUpper(char32_t code);

}  // namespace lockstep
