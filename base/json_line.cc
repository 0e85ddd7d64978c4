#include "base/json_line.h"

#include <algorithm>
#include <set>

#include "base/characters.h"
#include "base/error.h"
#include "base/utf8.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

// The column of a byte, in characters, from 1.
Index ColumnOf(std::string_view line, std::size_t byte) {
  Index column = 1;
  for (std::string_view before = line.substr(0, byte); !before.empty(); ++column) {
    TakeCodePoint(&before);
  }
  return column;
}

// What the library says without what it says of the place: "invalid literal".
std::string ReasonOf(const Json::parse_error& error) {
  const std::string_view text = error.what();
  const std::size_t dash = text.find(" - ");
  std::string_view reason = dash == text.npos ? text : text.substr(dash + 3);
  reason = reason.substr(0, reason.find("; last read"));
  reason = reason.substr(0, reason.find("; expected end of input"));
  return std::string(reason);
}

// Throws BadData for the line in which the library found this error.
[[noreturn]] void FailToParse(std::string_view line, const Json::parse_error& error) {
  const std::size_t at = std::min(line.size(), error.byte > 0 ? error.byte - 1 : 0);
  for (const char* word : {"NaN", "Infinity", "nan", "inf"}) {
    const std::size_t begin = line.rfind(word, at);
    if (begin == line.npos || begin + std::string_view(word).size() < at) continue;
    throw BadData("the line is no JSON object: column {}: JSON has no {}; leave the field out",
                  ColumnOf(line, begin), word);
  }
  throw BadData("the line is no JSON object: column {}: {}{}", ColumnOf(line, at), ReasonOf(error),
                at < line.size() ? ", at " + Printable(line.substr(at), 12) : "");
}

}  // namespace

Json ParseJsonLine(std::string_view line) {
  for (std::string_view rest = line; !rest.empty();) TakeCodePoint(&rest);
  std::set<std::string> keys;
  const auto look_at_key = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth != 1 || event != Json::parse_event_t::key) return true;
    if (keys.insert(parsed.get<std::string>()).second) return true;
    throw BadData("the line has {} twice", Printable(parsed.get<std::string>()));
  };
  Json object;
  try {
    object = Json::parse(line, look_at_key);
  } catch (const Json::parse_error& error) {
    FailToParse(line, error);
  } catch (const Json::exception&) {
    throw BadData("the line has a number that is too large to be read");
  }
  if (!object.is_object()) throw BadData("the line is no JSON object, but {}", object.type_name());
  return object;
}

}  // namespace lockstep
