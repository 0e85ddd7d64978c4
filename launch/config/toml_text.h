// The settings of a TOML file, as a flat list: configurations, and what a run was trained with.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

struct TomlSetting {
  std::string key;    // "section.key", or "key" outside of sections
  std::string value;  // as text; what no key takes (lists, dates) as words that say so
  Index line = 0;     // from 1
  // The comment behind the value on its line, without "# ". Config::ToToml writes there where a
  // value comes from.
  std::string comment = {};
};

// In the order of their names. Files have at most 1 MiB and lines at most 4096 bytes, since keys of
// very many parts could exhaust the stack. MissingInput; UsageError that names file and line.
std::vector<TomlSetting> ReadToml(const std::string& path);

}  // namespace lockstep
