// The name of an output before anything is written under it.
#pragma once

#include <string>

namespace lockstep {

// True if a file, a folder or a symbolic link, also one without a target, has this name already.
// IoError: kCannotCreate if nothing can ever have the name (too long, or links that lead in a
// circle), kIo if the system cannot say.
bool IsTaken(const std::string& path);

}  // namespace lockstep
