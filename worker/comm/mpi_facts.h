// What MPI says of itself, for reports.
#pragma once

#include <map>
#include <string>

namespace lockstep {

struct MpiFacts {
  bool running = false;      // a launcher started us
  std::string library;       // name and version
  std::string thread_level;  // that was granted: "single", "funneled", "serialized", "multiple"
  // Settings in effect that decide how messages travel, by the library's own names; those it has
  // not are left out.
  std::map<std::string, std::string> settings;
};

// Main thread, within the MpiSession. Without MPI only `library` is set.
MpiFacts FindMpiFacts();

}  // namespace lockstep
