#include "launch/run/json_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/characters.h"
#include "base/json_text.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

std::string ValueText(const Json& value) {
  if (value.is_array()) return fmt::format("a list of {} values", value.size());
  if (value.is_object()) return fmt::format("an object of {} members", value.size());
  return value.is_string() ? Printable(value.get_ref<const std::string&>()) : JsonText(value);
}

// The first key, in their order, that only one of two objects has, or whose values differ. The
// objects differ.
std::string FirstKey(const Json& own, const Json& other) {
  std::set<std::string> keys;
  for (const Json* object : {&own, &other}) {
    for (const auto& member : object->items()) keys.insert(member.key());
  }
  return *std::ranges::find_if(keys, [&](const std::string& key) {
    return !own.contains(key) || !other.contains(key) || own.at(key) != other.at(key);
  });
}

}  // namespace

std::string JsonDifference(const Json& own, const Json& other, const std::string& whose) {
  if (own == other) return "";
  std::string place;
  const Json *a = &own, *b = &other;
  // Downwards to the value itself, without recursion, as documents can be of any depth.
  while (true) {
    if (a->is_object() && b->is_object()) {
      const std::string key = FirstKey(*a, *b);
      const std::string quoted = Printable(key);
      place += "/" + quoted.substr(1, quoted.size() - 2);
      if (!a->contains(key)) return fmt::format("{} is only in {}", place, whose);
      if (!b->contains(key)) return fmt::format("{} is not in {}", place, whose);
      a = &a->at(key), b = &b->at(key);
    } else if (a->is_array() && b->is_array() && a->size() == b->size()) {
      const auto at = static_cast<std::size_t>(std::ranges::mismatch(*a, *b).in1 - a->begin());
      place += fmt::format("/{}", at);
      a = &a->at(at), b = &b->at(at);
    } else {
      return fmt::format("{} is {}, that of {} {}", place.empty() ? "/" : place, ValueText(*a),
                         whose, ValueText(*b));
    }
  }
}

}  // namespace lockstep
