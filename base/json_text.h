// JSON documents from text and to text. The library's parser and writer are templates that take the
// compiler seconds wherever they are called; here they are compiled once for all.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace lockstep {

// Throws nlohmann::json::parse_error, which names line and column, if the text is no JSON.
nlohmann::json ParseJson(std::string_view text);
// As ParseJson, with keys in the order of the text.
nlohmann::ordered_json ParseOrderedJson(std::string_view text);
// As ParseJson, but of a text that is no JSON a value for which is_discarded() holds.
nlohmann::json ParseJsonOrDiscard(std::string_view text);

inline constexpr int kOneLine = -1;

// On one line, or with `indent` blanks for each level. Throws nlohmann::json::type_error if a
// string is no UTF-8.
std::string JsonText(const nlohmann::json& value, int indent = kOneLine);
std::string JsonText(const nlohmann::ordered_json& value, int indent = kOneLine);
// On one line, for output; bytes that are no UTF-8 become U+FFFD, because JSON cannot hold them.
std::string JsonTextOfAnyBytes(const nlohmann::json& value);
std::string JsonTextOfAnyBytes(const nlohmann::ordered_json& value);

}  // namespace lockstep
