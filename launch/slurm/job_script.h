// Makes the SLURM script of a run: launch/slurm/train.sbatch with header and command filled in.
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
  Index threads = 1;              // threads of each task
  std::string time;               // time limit in a form of sbatch, see SlurmSeconds
  Index lead_seconds = 120;       // from SLURM's signal to the time limit
  std::string output;             // file for the output of the job; %j is the job's number
  std::vector<std::string> more;  // other options of the header: "--partition=long"
  std::string program;            // path of lockstep
  std::string folder;             // where relative paths in `words` and in the configuration begin
  std::string run_folder;
  std::vector<std::string> words;  // the words of the command, without --run and --threads
};

// The seconds of a time in the form of sbatch's --time: minutes, minutes:seconds,
// hours:minutes:seconds, days-hours, days-hours:minutes, days-hours:minutes:seconds. Nothing for
// any other form.
std::optional<Index> SlurmSeconds(const std::string& time);

// Returns the script. All words from the user are quoted for the shell. Header lines are not read
// by a shell; UsageError that names a word which cannot be written there.
std::string JobScript(const JobOptions& options);

}  // namespace lockstep
