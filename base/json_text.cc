#include "base/json_text.h"

#include <nlohmann/json.hpp>

namespace lockstep {

nlohmann::json ParseJson(std::string_view text) { return nlohmann::json::parse(text); }

nlohmann::ordered_json ParseOrderedJson(std::string_view text) {
  return nlohmann::ordered_json::parse(text);
}

nlohmann::json ParseJsonOrDiscard(std::string_view text) {
  return nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
}

std::string JsonText(const nlohmann::json& value, int indent) { return value.dump(indent); }

std::string JsonText(const nlohmann::ordered_json& value, int indent) { return value.dump(indent); }

std::string JsonTextOfAnyBytes(const nlohmann::json& value) {
  return value.dump(kOneLine, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string JsonTextOfAnyBytes(const nlohmann::ordered_json& value) {
  return value.dump(kOneLine, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace lockstep
