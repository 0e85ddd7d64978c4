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
#include "trainer/save/training_state.h"
#include "trainer/step/optimizer.h"
#include "worker/carried_state.h"
#include "worker/comm/root_gather.h"

namespace lockstep {

class Snapshot {
 public:
  // `carried`: of this rank's share of `slots` slots, or null; must outlive it.
  Snapshot(const Communicator& comm, const ParameterLayout& layout, const PiecePlan& plan,
           const OptimizerOptions& optimizer, CarriedState* carried = nullptr, Index slots = 0);

  // Collective. Replaces what was in it, which must be complete and read by nobody. `values`
  // [layout.size()], the optimiser and the carried state may change at once after.
  void Take(const TrainingState& state, std::span<const float> values, const Optimizer& optimizer,
            ThreadTeam* team);
  // Moves moments on their way; Poll of it while computing.
  RootGather& moments() { return moments_; }
  const TrainingState& state() const { return state_; }
  // Rank 0: takes the carried state from a checkpoint of `state`. BadData when it is missing or of
  // another shape.
  void ReadCarried(const CheckpointContent& content, const std::string& file,
                   const TrainingState& state);
  // Collective. Gives each rank its share of what rank 0 has read.
  void HandOutCarried(const TrainingState& state);

  // Rank 0, when the moments are there; any one thread.
  bool IsFinite() const;
  // The state gets the hash of the parameters.
  CheckpointImage Image() const;

  // Bytes on rank 0.
  static Index Bytes(const ParameterLayout& layout, const OptimizerOptions& optimizer,
                     Index carried_floats);

 private:
  // Between two batches there is none.
  bool HasCarried(const TrainingState& state) const {
    return carried_ != nullptr && carried_->slot_size() > 0 && state.cursor.part > 0;
  }

  const Communicator& comm_;
  const ParameterLayout& layout_;
  CarriedState* carried_;
  std::vector<Index> carried_shape_;  // of all slots
  Segments carried_segments_;
  std::vector<std::string> moment_names_;
  TrainingState state_;
  AlignedBuffer<float> values_;          // rank 0
  AlignedBuffer<float> carried_values_;  // rank 0, [carried_shape_]
  RootGather moments_;
};

}  // namespace lockstep
