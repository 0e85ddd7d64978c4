// The SLURM script of a run: launch/slurm/train.sbatch with its header and command filled in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

struct JobOptions {
  std::string name = "lockstep";
  Index nodes = 1;
  Index tasks_per_node = 1;
  Index threads = 1;              // of a task
  std::string time;               // as sbatch takes it: minutes, [days-]hours:minutes:seconds
  Index lead_seconds = 120;       // from the signal to the time limit
  std::string output;             // of the job, %j is its number
  std::vector<std::string> more;  // other lines of the header, "--partition=long"
  std::string program;            // path of lockstep
  std::string run_folder;
  std::vector<std::string> words;  // of the command, but --run and --threads
};

// Seconds of sbatch's --time; nothing when it is not one of its forms: minutes, minutes:seconds,
// hours:minutes:seconds, days-hours, days-hours:minutes, days-hours:minutes:seconds.
std::optional<Index> SlurmSeconds(const std::string& time);

// The script. Every word of a user's is quoted for the shell; UsageError naming one that a header
// line, which no shell reads, cannot hold.
std::string JobScript(const JobOptions& options);

// `word` as one word of a shell.
std::string ShellQuoted(const std::string& word);

}  // namespace lockstep
