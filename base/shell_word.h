// Words of commands that users run: in scripts that are written, and in messages that say what to
// type. A file name of theirs must come out as one word, and nothing in it may be carried out.
#pragma once

#include <string>

namespace lockstep {

// Quotes `word` such that a shell reads it as one word; what needs no quotes stays as it is.
std::string ShellQuoted(const std::string& word);

}  // namespace lockstep
