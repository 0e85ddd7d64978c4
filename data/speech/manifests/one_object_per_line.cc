#include "data/speech/manifests/one_object_per_line.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_text.h"
#include "base/line_reader.h"
#include "base/shell_word.h"
#include "base/text.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

bool IsIncomplete(std::string_view line) {
  try {
    return ParseJson(line).is_discarded();  // throws
  } catch (const Json::parse_error& error) {
    return error.byte > line.size();
  } catch (const Json::exception&) {
    return false;  // told with its line later
  }
}

}  // namespace

void CheckOneObjectPerLine(const std::string& path) {
  LineReader lines(path, AnyBytes{});
  std::string_view line;
  while (lines.Next(&line) && Trim(line).empty()) {
  }
  line = Trim(line);
  if (line.starts_with('[')) {
    throw BadData(
        "{}:{}: the file is a JSON array; a manifest has one object per line: make it with `jq -c "
        "'.[]' {} > list.jsonl`",
        path, lines.line_number(), ShellQuoted(path));
  }
  if (line.starts_with('{') && IsIncomplete(line)) {
    throw BadData(
        "{}:{}: the JSON object does not end on its line; a manifest has one object per line: make "
        "it with `jq -c . {} > list.jsonl`",
        path, lines.line_number(), ShellQuoted(path));
  }
}

}  // namespace lockstep
