// UTF-8 text by code points.
#pragma once

#include <string>
#include <string_view>

namespace lockstep {

// The bytes of the first code point of the text; empty when they are no UTF-8 (overlong forms and
// surrogates included) or when the text is empty. For readers that have a better message to give.
std::string_view FirstCodePoint(std::string_view text);

// Takes the next code point off the text, as its bytes. BadData when the bytes are no UTF-8
// (overlong forms and surrogates included). The text may not be empty.
std::string_view TakeCodePoint(std::string_view* text);

char32_t DecodeCodePoint(std::string_view bytes);
std::string EncodeCodePoint(char32_t code);

// Simple case mapping of Unicode, one code point to one, as the C library knows it.
char32_t ToLower(char32_t code);
char32_t ToUpper(char32_t code);

}  // namespace lockstep
