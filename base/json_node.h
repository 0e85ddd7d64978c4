// Reads JSON that may be damaged: each access checks the kind and range of the value, and an error
// names the file and the place in it.
#pragma once

#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/types.h"

namespace lockstep {

// A value in a JSON document, together with its path, which errors name.
class JsonNode {
 public:
  static constexpr const char* kRemedy = "restore it or prepare the corpus again";
  static constexpr Index kNoLimit = std::numeric_limits<Index>::max();

  // The value must outlive the node.
  JsonNode(const nlohmann::json& json, std::string file, std::string path)
      : json_(json), file_(std::move(file)), path_(std::move(path)) {}

  // BadData if there is no such key, or the value is of another kind than it is asked for.
  JsonNode At(const std::string& key) const;
  bool Has(const std::string& key) const;
  std::vector<JsonNode> Items() const;
  std::vector<std::pair<std::string, JsonNode>> Members() const;
  Index Integer(Index low, Index high = kNoLimit) const;
  bool Boolean() const;
  double Real() const;
  std::string Text() const;
  std::string Dump() const;
  [[noreturn]] void Fail(const std::string& problem) const;

 private:
  const nlohmann::json& json_;
  std::string file_;
  std::string path_;
};

}  // namespace lockstep
