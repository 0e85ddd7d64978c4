// The facts that one process knows about its start: its rank, the cores and instructions that it
// may use, the program that it runs. They are about 200 bytes as text, so that rank 0 can collect
// those of all ranks.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"
#include "worker/comm/communicator.h"
#include "worker/kernels/isa.h"

namespace lockstep {

// What a job needs from its launch.
struct LaunchNeeds {
  Index threads = 1;         // threads of each rank
  std::string isa = "auto";  // numerics.isa
};

struct LaunchFacts {
  int rank = 0;
  int size = 1;               // number of ranks according to MPI
  int expected_size = 0;      // number of ranks according to the environment; 0: it does not say
  std::string expected_from;  // the environment variable that expected_size is from
  std::string host;
  std::string machine;      // a text that identifies the running kernel, whatever the host's name
  std::string cores;        // the cores on which this process may run: "0-3,8"
  Index machine_cores = 0;  // number of cores of the whole machine
  double quota_cores = 0;   // cores' worth of time that its control group may use; 0: no limit
  std::string program;      // hash of the executable
  std::string version;
  std::string isa = "avx2";  // the best instruction set of this processor
  LaunchNeeds needs;
};
// The number of processes that the environment speaks of, and the variable that says it; 0: none.
// Sets nothing else.
void FindExpectedSize(LaunchFacts* facts);
// All facts.
LaunchFacts FindLaunchFacts(const Communicator& comm, const LaunchNeeds& needs);

// The facts as text, in the form in which they are sent to rank 0.
std::string ToJson(const LaunchFacts& facts);
LaunchFacts LaunchFactsFromJson(const std::string& text);

// Convert ascending numbers to a text of ranges, and back: {0, 1, 2, 8} is "0-2,8".
std::string RangesText(const std::vector<int>& numbers);
std::vector<int> NumbersOfRanges(const std::string& text);

}  // namespace lockstep
