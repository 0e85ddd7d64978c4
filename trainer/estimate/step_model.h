// Predicts a training step on other machines from what computing takes on this one and a model of
// the network. docs/scaling.md has the formulas and how they were checked.
#pragma once

#include "data/batch/batch.h"
#include "trainer/step/optimizer.h"

namespace lockstep {

// What was measured on this machine, seconds of one rank while `busy_threads` of all ranks worked.
struct StepCosts {
  Index busy_threads = 1;
  double slot = 0;    // forward and backward of a slot of the corpus's mean size, on one thread
  double add = 0;     // adding one whole gradient to another, on one thread
  double update = 0;  // the optimiser's step and the norm over all parameters, on one thread
};

// What the step is predicted for.
struct Machines {
  int ranks = 1;
  int threads = 1;               // of each rank
  int ranks_per_host = 1;        // they share the host's link
  Index cores = 0;               // that all ranks share, and shared while measuring; 0: one each
  bool overlap = true;           // train.overlap
  double bandwidth = 0;          // bits a second of a host's link, each way
  double latency = 0;            // seconds from rank to rank
  double replicated_share = -1;  // train.replicated_share; negative: chosen by hosts
  bool host_level = true;        // train.host_level; ranks lie on hosts in blocks
};

struct StepPrediction {
  double compute = 0;      // forward, backward, sums and update, of the rank that has most to do
  double communicate = 0;  // that computing does not hide
  double efficiency = 1;   // of one rank on one host of the same kind: its time / ranks / this
  double step() const { return compute + communicate; }
};

// Share of the parameters that every rank updates, as TrainStep chooses it.
double ReplicatedShare(const Machines& machines);

// `slots` of a global batch; `parameters` elements of the flat layout. One rank needs no network.
StepPrediction PredictStep(const StepCosts& costs, const Machines& machines, Index slots,
                           Index parameters);

}  // namespace lockstep
