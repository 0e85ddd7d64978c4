// Exceptions that libraries throw, as errors of ours: what a name of a file, or the contents of
// one, makes a library throw is no bug of this program, and has an exit code that says who can act.
#pragma once

#include <exception>

#include "base/error.h"

namespace lockstep {

// std::filesystem: MissingInput if a path cannot exist (too long, through a file, a loop of links),
// else IoError. nlohmann: BadData, since documents that this program makes itself never fail.
// Memory that is not there, or a container of more elements than any memory holds: IoError. All
// with the library's own reason. Any other exception is kInternal with its text.
Error ForeignError(const std::exception& error);

}  // namespace lockstep
