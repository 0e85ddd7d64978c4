// Who may write to the log's file may lose that right while the program runs.
#pragma once

#include <functional>

namespace lockstep {

// From now on lines go to the file of AppendLogTo only while `may_append` is true; standard error
// gets them all. It is asked for each line, by the thread that writes it, and may log nothing.
void GuardLogFile(std::function<bool()> may_append);

}  // namespace lockstep
