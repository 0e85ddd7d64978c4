// A copy of everything that a checkpoint holds, taken at one step. Parameters are on every rank, so
// rank 0 copies its own. Moments are on the ranks that update them; they are copied there and come
// to rank 0 while training continues.
//
// The memory is allocated and touched at construction, so that taking a snapshot costs no more than
// the copy. Functions are for the main thread unless they say otherwise.
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
  // `carried` holds the states of this rank's share of `slots` slots, or is null. It and `comm` and
  // `layout` must outlive this.
  Snapshot(const Communicator& comm, const ParameterLayout& layout, const PiecePlan& plan,
           const OptimizerOptions& optimizer, CarriedState* carried = nullptr, Index slots = 0);

  // Collective. Takes a new snapshot. The previous one must be complete and no longer in use.
  // `values` [layout.size()], the optimiser and the carried state may change as soon as this
  // returns.
  void Take(const TrainingState& state, std::span<const float> values, const Optimizer& optimizer,
            ThreadTeam* team);
  // The transfer of moments to rank 0; its Poll must be called while computing.
  RootGather& moments() { return moments_; }
  const TrainingState& state() const { return state_; }
  // Rank 0: reads the carried state from a checkpoint, whose training state is `state`. BadData if
  // it is missing or has another shape.
  void ReadCarried(const CheckpointContent& content, const std::string& file,
                   const TrainingState& state);
  // Collective. Gives each rank its share of the carried state that rank 0 has read.
  void HandOutCarried(const TrainingState& state);

  // Rank 0, after the moments have arrived; any thread, one at a time. True if all parameters and
  // moments are finite.
  bool IsFinite() const;
  // Rank 0, after the moments have arrived; any thread, one at a time. Builds the bytes of the
  // file. The stored state gets the hash of the parameters.
  CheckpointImage Image() const;

  // Bytes on rank 0.
  static Index Bytes(const ParameterLayout& layout, const OptimizerOptions& optimizer,
                     Index carried_floats);

 private:
  // Only between two parts of a batch there is a carried state to save.
  bool HasCarried(const TrainingState& state) const {
    return carried_ != nullptr && carried_->slot_size() > 0 && state.cursor.part > 0;
  }

  const Communicator& comm_;
  const ParameterLayout& layout_;
  CarriedState* carried_;
  std::vector<Index> carried_shape_;         // shape for all slots of all ranks
  std::vector<ElementRange> carried_parts_;  // by rank, of that
  std::vector<std::string> moment_names_;
  TrainingState state_;
  AlignedBuffer<float> values_;          // parameters; rank 0 only
  AlignedBuffer<float> carried_values_;  // [carried_shape_]; rank 0 only
  RootGather moments_;
};

}  // namespace lockstep
