// The help of a verb, made from its table of options: --help prints those that are often needed,
// --help-all all of them, and --help-table all of them for programs (manual pages and the
// completion of shells are made from it, launch/site).
#pragma once

#include <string>

#include "launch/frame/options.h"

namespace lockstep {

// Prints the help that the options ask for on standard output; false if they ask for none. `usage`
// is the text above the options (UsageText of launch/frame/usage.h).
bool PrintsHelp(const Options& options, const std::string& usage, const OptionTable& table);

// The options in groups, each below its title, in lines of HelpColumns(). Groups of which nothing
// is shown are left out.
std::string HelpText(const OptionTable& table, bool with_rare);
// One line per option: group, --name, value (empty for switches; "FILE ..." where several may be
// given) and help, separated by tabs.
std::string HelpTable(const OptionTable& table);

}  // namespace lockstep
