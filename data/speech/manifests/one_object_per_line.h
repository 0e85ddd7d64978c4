// Tells of JSON that is no manifest, because its objects do not stand one in each line.
#pragma once

#include <string>

namespace lockstep {

// BadData, with the command that helps, if the file begins with an array, or with an object that
// goes over several lines.
void CheckOneObjectPerLine(const std::string& path);

}  // namespace lockstep
