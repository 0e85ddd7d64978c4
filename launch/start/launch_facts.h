// What one process sees of its start: which rank it is, which cores and instructions it may use,
// which program it runs. Small enough (about 200 bytes as text) for rank 0 to have those of all.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"
#include "worker/comm/communicator.h"
#include "worker/kernels/isa.h"

namespace lockstep {

// What a job is to be started for.
struct LaunchNeeds {
  Index threads = 1;         // of each rank
  std::string isa = "auto";  // numerics.isa
  bool bfloat16 = false;     // numerics.precision = bf16
};

struct LaunchFacts {
  int rank = 0;
  int size = 1;               // as MPI says
  int expected_size = 0;      // as the launcher's environment says; 0: it says nothing
  std::string expected_from;  // the variable
  std::string host;
  std::string machine;      // one text a running kernel, whatever its hosts are called
  std::string cores;        // this process may run on: "0-3,8"
  Index machine_cores = 0;  // of the whole machine
  double quota_cores = 0;   // share of processors that its group may use; 0: no bound
  std::string program;      // hash of the executable
  std::string version;
  std::string isa = "avx2";   // the best of this processor
  bool has_bfloat16 = false;  // what products with bfloat16 operands need
  LaunchNeeds needs;
};
LaunchFacts FindLaunchFacts(const Communicator& comm, const LaunchNeeds& needs);

// For rank 0.
std::string ToJson(const LaunchFacts& facts);
LaunchFacts LaunchFactsFromJson(const std::string& text);

// Ascending numbers as a text of ranges, and back: {0, 1, 2, 8} is "0-2,8".
std::string RangesText(const std::vector<int>& numbers);
std::vector<int> NumbersOfRanges(const std::string& text);

}  // namespace lockstep
