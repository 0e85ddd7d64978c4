// Everything of a checkpoint, copied out of training at one step: parameters are everywhere,
// moments are with those that update them and come to rank 0 while training goes on.
//
// The memory is taken and touched at construction, so that taking one costs a copy and nothing
// else. All but the functions that say otherwise are for the main thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checkpoint/checkpoint_file.h"
#include "trainer/optimizer.h"
#include "trainer/training_state.h"
#include "worker/comm/root_gather.h"

namespace lockstep {

class Snapshot {
 public:
  Snapshot(const Communicator& comm, const ParameterLayout& layout, const PiecePlan& plan,
           const OptimizerOptions& optimizer);

  // Collective. Replaces what was in it, which must be complete and read by nobody. `values`
  // [layout.size()] and the optimiser may change at once after.
  void Take(const TrainingState& state, std::span<const float> values, const Optimizer& optimizer,
            ThreadTeam* team);
  // Moves moments on their way; Poll of it while computing.
  RootGather& moments() { return moments_; }
  const TrainingState& state() const { return state_; }

  // Rank 0, when the moments are there; any one thread.
  bool IsFinite() const;
  // The state gets the hash of the parameters.
  CheckpointImage Image() const;

  // Bytes on rank 0.
  static Index Bytes(const ParameterLayout& layout, const OptimizerOptions& optimizer);

 private:
  const ParameterLayout& layout_;
  std::vector<std::string> moment_names_;
  TrainingState state_;
  AlignedBuffer<float> values_;  // rank 0
  RootGather moments_;
};

}  // namespace lockstep
