// The configuration of a run as its folder tells it, for pages and screens that show whatever there
// is of a run, also of one that somebody has changed by hand.
#pragma once

#include <string>
#include <vector>

#include "launch/config/toml_text.h"

namespace lockstep {

// The settings in RUN/config.toml. None if the file is not there, or if it cannot be read; then
// *problem, if given, says why.
std::vector<TomlSetting> ReadRunSettings(const std::string& run_folder, std::string* problem);

}  // namespace lockstep
