#include "base/json_node.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_text.h"

namespace lockstep {

JsonNode JsonNode::At(const std::string& key) const {
  if (!Has(key)) Fail("has no \"" + key + "\"");
  return JsonNode(json_.at(key), file_, path_ + "/" + key);
}

bool JsonNode::Has(const std::string& key) const {
  return json_.is_object() && json_.contains(key);
}

std::vector<JsonNode> JsonNode::Items() const {
  if (!json_.is_array()) Fail("is no list");
  std::vector<JsonNode> items;
  for (std::size_t i = 0; i < json_.size(); ++i) {
    items.emplace_back(json_[i], file_, fmt::format("{}/{}", path_, i));
  }
  return items;
}

std::vector<std::pair<std::string, JsonNode>> JsonNode::Members() const {
  if (!json_.is_object()) Fail("is no object");
  std::vector<std::pair<std::string, JsonNode>> members;
  for (const auto& [key, value] : json_.items()) members.emplace_back(key, At(key));
  return members;
}

Index JsonNode::Integer(Index low, Index high) const {
  const bool fits = json_.is_number_integer() &&
                    !(json_.is_number_unsigned() &&
                      json_.get<std::uint64_t>() > static_cast<std::uint64_t>(kNoLimit));
  if (!fits || json_.get<Index>() < low || json_.get<Index>() > high) {
    Fail(fmt::format("is {}, allowed are integers {}..{}", JsonText(json_), low, high));
  }
  return json_.get<Index>();
}

bool JsonNode::Boolean() const {
  if (!json_.is_boolean()) Fail("is neither true nor false");
  return json_.get<bool>();
}

double JsonNode::Real() const {
  if (!json_.is_number()) Fail("is no number");
  return json_.get<double>();
}

std::string JsonNode::Text() const {
  if (!json_.is_string()) Fail("is no text");
  return json_.get<std::string>();
}

std::string JsonNode::Dump() const { return JsonText(json_); }

void JsonNode::Fail(const std::string& problem) const {
  throw BadData("{}: {} {}; {}", file_, path_.empty() ? "document" : path_, problem, kRemedy);
}

}  // namespace lockstep
