// Reads JSON that may be damaged: each access checks the kind and range of the value, and an error
// names the file and the place in it.
#pragma once

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/types.h"

namespace lockstep {

// A value in a JSON document, together with its path, which errors name.
class JsonNode {
 public:
  static constexpr const char* kRemedy = "restore it or prepare the corpus again";
  static constexpr Index kNoLimit = std::numeric_limits<Index>::max();

  JsonNode(const nlohmann::json& json, std::string file, std::string path)
      : json_(json), file_(std::move(file)), path_(std::move(path)) {}

  JsonNode At(const std::string& key) const {
    if (!json_.is_object() || !json_.contains(key)) Fail("has no \"" + key + "\"");
    return JsonNode(json_.at(key), file_, path_ + "/" + key);
  }
  bool Has(const std::string& key) const { return json_.is_object() && json_.contains(key); }
  std::vector<JsonNode> Items() const {
    if (!json_.is_array()) Fail("is no list");
    std::vector<JsonNode> items;
    for (std::size_t i = 0; i < json_.size(); ++i) {
      items.emplace_back(json_[i], file_, fmt::format("{}/{}", path_, i));
    }
    return items;
  }
  std::vector<std::pair<std::string, JsonNode>> Members() const {
    if (!json_.is_object()) Fail("is no object");
    std::vector<std::pair<std::string, JsonNode>> members;
    for (const auto& [key, value] : json_.items()) members.emplace_back(key, At(key));
    return members;
  }
  Index Integer(Index low, Index high = kNoLimit) const {
    const bool fits = json_.is_number_integer() &&
                      !(json_.is_number_unsigned() &&
                        json_.get<std::uint64_t>() > static_cast<std::uint64_t>(kNoLimit));
    if (!fits || json_.get<Index>() < low || json_.get<Index>() > high) {
      Fail(fmt::format("is {}, allowed are integers {}..{}", json_.dump(), low, high));
    }
    return json_.get<Index>();
  }
  bool Boolean() const {
    if (!json_.is_boolean()) Fail("is neither true nor false");
    return json_.get<bool>();
  }
  double Real() const {
    if (!json_.is_number()) Fail("is no number");
    return json_.get<double>();
  }
  std::string Text() const {
    if (!json_.is_string()) Fail("is no text");
    return json_.get<std::string>();
  }
  std::string Dump() const { return json_.dump(); }
  [[noreturn]] void Fail(const std::string& problem) const {
    throw BadData("{}: {} {}; {}", file_, path_.empty() ? "document" : path_, problem, kRemedy);
  }

 private:
  const nlohmann::json& json_;
  std::string file_;
  std::string path_;
};

}  // namespace lockstep
