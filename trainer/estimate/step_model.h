// Predicts the time of a training step on other machines, from computing times measured on this one
// and a model of the network. docs/scaling.md has the formulas and how they were checked.
#pragma once

#include "data/batch/batch.h"
#include "trainer/step/optimizer.h"

namespace lockstep {

// Times measured on this machine, in seconds. `busy_threads` threads, of all ranks together, worked
// at the same time.
struct StepCosts {
  Index busy_threads = 1;
  double slot = 0;    // forward and backward of a slot of the corpus's mean size, on one thread
  double add = 0;     // adding one whole gradient to another, on one thread
  double update = 0;  // the optimiser's step and the norm over all parameters, on one thread
};

// The machines that the step is predicted for.
struct Machines {
  int ranks = 1;
  int threads = 1;         // threads of each rank
  int ranks_per_host = 1;  // ranks that share the link of a host
  // If all ranks share one machine, as while measuring: its cores. 0: one core for each thread.
  Index cores = 0;
  bool overlap = true;   // train.overlap
  double bandwidth = 0;  // bits per second of a host's link, in each direction
  double latency = 0;    // seconds of a message from rank to rank
  // Seconds that a core works on each byte that its rank sends to or receives from another host.
  double byte_seconds = 0;
  double replicated_share = -1;  // train.replicated_share; negative: as TrainStep chooses it
  bool host_level = true;        // train.host_level; ranks of a host have neighbouring numbers
};

struct StepPrediction {
  // Seconds of forward, backward, sums, update and hidden communication on the busiest rank.
  double compute = 0;
  double communicate = 0;  // seconds of communication that computation does not hide
  double efficiency = 1;   // (time of one rank on such a host) / ranks / (time of all ranks)
  double step() const { return compute + communicate; }
};

// The share of the parameters that every rank updates, as TrainStep chooses it.
double ReplicatedShare(const Machines& machines);

// The ranks of each host as PiecesFor wants them (worker/comm/piece_plan.h), for hosts that are
// filled one after another.
int EvenRanksPerHost(int ranks, int ranks_per_host, bool host_level);

// `slots` are those of a global batch; `parameters` is the number of elements of the flat layout.
// For one rank, the network does not matter.
StepPrediction PredictStep(const StepCosts& costs, const Machines& machines, Index slots,
                           Index parameters);

}  // namespace lockstep
