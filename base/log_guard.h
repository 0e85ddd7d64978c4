// Stops writing to the log file when the process loses the right to write there.
#pragma once

#include <functional>

namespace lockstep {

// From now on, lines are appended to the file of AppendLogTo only while `may_append` returns true;
// standard error still gets all of them. `may_append` is called for each line, by the thread that
// writes it, and must not log anything itself.
void GuardLogFile(std::function<bool()> may_append);

}  // namespace lockstep
