// The first part of --help: what a verb does, and example commands.
#pragma once

#include <string>
#include <string_view>

namespace lockstep {

// Columns of --help: those of the terminal, within reason; 80 where there is none.
int HelpColumns();

// The usage text of a verb in lines of HelpColumns(). Lines that begin without a blank are
// sentences and flow together. Others are commands: a long one is cut before its options, with a
// backslash at the end of the line, as a shell takes it.
std::string UsageText(std::string_view usage);

}  // namespace lockstep
