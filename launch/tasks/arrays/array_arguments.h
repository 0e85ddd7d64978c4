// Words of the command line that prepare and predict both have for arrays.
#pragma once

#include <string>
#include <vector>

#include "data/arrays/array_reading.h"
#include "launch/frame/options.h"

namespace lockstep {

// "a,b,c" to its names; none for an option that is not given. A name with a comma is written in
// double quotes. UsageError for an empty name or a quote that is not closed.
std::vector<std::string> NamesOf(const Options& options, const std::string& option);

// The members of a split: --inputs, --lengths ..., with `prefix` ("valid-") before each name.
ArrayMembers MembersOf(const Options& options, const std::string& prefix);

}  // namespace lockstep
