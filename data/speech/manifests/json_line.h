// JSON with one object per line: what is wrong with a line or with the whole file is named.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lockstep {

// The object of a line. BadData that gives the column and the reason if it is none, or has a key
// twice.
nlohmann::json ParseJsonLine(std::string_view line);

// BadData, with the command that helps, if the file begins with an array, or with an object that
// goes over several lines.
void CheckOneObjectPerLine(const std::string& path);

}  // namespace lockstep
