// Facts about the MPI library that runs this job, for reports.
#pragma once

#include <map>
#include <string>

namespace lockstep {

struct MpiFacts {
  bool running = false;      // MPI was started, because an MPI launcher started this process
  std::string library;       // name and version
  std::string thread_level;  // as granted: "single", "funneled", "serialized" or "multiple"
  // The settings in effect that decide how messages travel, by the library's own names. Settings
  // that this library does not know are left out.
  std::map<std::string, std::string> settings;
};

// Main thread, during the life of the MpiSession. If MPI was not started, only `library` is set.
MpiFacts FindMpiFacts();

}  // namespace lockstep
