// Reads what the system grants to each process: memory, limits, signals, time. It only reads these
// facts and tries nothing out.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"
#include "launch/start/finding.h"

namespace lockstep {

struct MachineFacts {
  int rank = 0;
  std::string host;
  std::string machine;      // a text that identifies the running kernel, so the machine
  std::string isa;          // the best instruction set of this processor
  double free_bytes = 0;    // free memory of the machine
  double group_bytes = 0;   // memory that the control group may still take; 0: no limit
  double needed_bytes = 0;  // memory that this rank needs; 0: unknown
  Index open_files = 0;     // the most files that a process may have open
  bool core_dumps = false;
  std::vector<std::string> blocked;  // signals that are blocked and cannot reach the process
  std::vector<std::string> ignored;  // signals that the process ignored when it was started
  std::string governor;              // frequency governor of the processor; empty if unknown
  double clock = 0;                  // seconds since 1970, read by all ranks at about the same time
};

// Reads the facts. Signals are those of the start of the process, so this must be called before any
// handler is installed.
MachineFacts FindMachineFacts();

// Judges the facts of all ranks. On rank 0, also reads from the environment what SLURM says about
// time.
Findings JudgeMachines(const std::vector<MachineFacts>& all);

std::string ToJson(const MachineFacts& facts);
MachineFacts MachineFactsFromJson(const std::string& text);

}  // namespace lockstep
