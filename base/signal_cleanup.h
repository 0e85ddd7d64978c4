// Removes unfinished files when SIGINT, SIGTERM or SIGHUP ends the process. A signal that the
// program handles itself, as training does, or that was ignored when the first file was named, as
// with nohup, keeps its effect.
#pragma once

#include <string>

namespace lockstep {

// The file is removed if one of the signals ends this process (not a child of it). At most 64 files
// at a time; further ones stay. Any thread may call.
void RemoveOnSignal(const std::string& path);
// Takes that back for a file that is finished or gone.
void KeepOnSignal(const std::string& path);

}  // namespace lockstep
