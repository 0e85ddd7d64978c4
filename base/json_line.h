// Files with one JSON object per line: what is wrong with a line is named.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace lockstep {

// The object of a line. BadData that gives the column and the reason if it is none, or has a key
// twice; file and line are for the caller to add.
nlohmann::json ParseJsonLine(std::string_view line);

}  // namespace lockstep
