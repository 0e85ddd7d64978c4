// What the system grants each process: memory, limits, signals, time. Nothing here is tried out, it
// is read.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"
#include "launch/start/finding.h"

namespace lockstep {

struct MachineFacts {
  int rank = 0;
  std::string host;
  std::string machine;  // one text a running kernel
  std::string isa;      // the best of this processor
  bool bfloat16 = false;
  double free_bytes = 0;    // of memory, on the machine
  double group_bytes = 0;   // that the control group may still take; 0: no bound
  double needed_bytes = 0;  // by this rank; 0: not known
  Index open_files = 0;     // that a process may have
  bool core_dumps = false;
  std::vector<std::string> blocked;  // signals that cannot reach the process
  std::vector<std::string> ignored;  // that it was started to ignore
  std::string governor;              // of the clock; empty where the system does not say
  double clock = 0;                  // seconds since 1970, read by all ranks at about one time
};

// Signals as they were when the process started: call it before anything handles them.
MachineFacts FindMachineFacts();

// Of all ranks. Reads the environment of rank 0 for what SLURM says of time.
Findings JudgeMachines(const std::vector<MachineFacts>& all);

std::string ToJson(const MachineFacts& facts);
MachineFacts MachineFactsFromJson(const std::string& text);

}  // namespace lockstep
